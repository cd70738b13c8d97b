"""schemathesis on every operation of the API document: examples, coverage of the schema, chance, and chains of calls.

No answer is a 5xx or one that the document does not describe, nonsense is refused, and every operation is brought to success.
UDF and TradingView's broker REST API refuse with status 200 by contract, so there `"s":"error"` is what is expected.
The one endless answer, `GET /api/v1/tradingview/streaming`, is read in tests/doors/test_rest_stream.py instead.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from good_requests import good_request
from live_house import API, LiveHouse, live_house
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import Status, events, from_schema
from schemathesis.generation.meta import CoverageScenario, coverage_scenario
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from schemathesis.specs.openapi.checks import is_unexpected_http_status_case

ENDLESS = "/api/v1/tradingview/streaming"
BROKER_REST = f"{API}/tradingview/"
ENVELOPES = (f"{API}/datafeed/", BROKER_REST, f"{API}/chart-storage/")
OAUTH = f"{API}/tradingview/oauth2/"
SEED = 11
QUICK, WHOLE = 1, 4
"""Examples of chance for each operation."""
STEPS = 4
FAULTS_SHOWN_MAX = 40
REPLACED = ("negative_data_rejection", "positive_data_acceptance")
"""The first by `nonsense_is_refused`; the second because an order that is well formed may still be refused, by its price."""

envelope_refusals: Counter[str] = Counter()


@schemathesis.check
def nonsense_is_refused(ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case) -> None:
    if (_enveloped(case) or "preview" in case.operation.path) and _is_error(_told(response)):
        envelope_refusals[case.operation.label] += 1
        return
    CHECKS.get_one("negative_data_rejection")(ctx, response, case)


@schemathesis.check
def refusals_keep_to_the_envelope(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """A 4xx would reach no trader: TradingView's clients read the text of a 200 only."""
    odd = is_unexpected_http_status_case(case)
    told = _is_error(_told(response)) or response.status_code != 200
    absent = coverage_scenario(case) is CoverageScenario.UNSPECIFIED_HTTP_METHOD
    if absent and not told and case.operation.path.startswith(BROKER_REST):
        raise Failure(operation=case.operation.label, title="A method there is none of was answered", message="Received: 200")
    if _enveloped(case) and not odd and response.status_code not in (200, 401, 403, 413, 429):
        raise Failure(
            operation=case.operation.label, title="Refusal outside the envelope", message=f"Received: {response.status_code}"
        )


def _enveloped(case: schemathesis.Case) -> bool:
    path = case.operation.path
    return path.startswith(ENVELOPES) and not path.startswith(OAUTH)


def _media_type(operation: schemathesis.APIOperation) -> str:
    return str(next(iter(operation.definition.raw["requestBody"]["content"])))


def _is_error(told: Any) -> bool:
    return isinstance(told, dict) and (told.get("s") == "error" or told.get("status") == "error" or _objects(told))


def _objects(preview: dict[str, Any]) -> bool:
    """A preview is answered, and says in `errors` why the order would be refused."""
    return bool(preview.get("errors") or (isinstance(preview.get("d"), dict) and preview["d"].get("errors")))


def _told(response: schemathesis.Response) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        return None


class Run:
    """What the engine did, and what it found."""

    def __init__(self) -> None:
        self.reached: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.slow: Counter[str] = Counter()
        self.phases: dict[str, Status] = {}
        self.faults: dict[str, str] = {}

    def succeed(self, house: LiveHouse, operation: schemathesis.APIOperation) -> None:
        """With the request that is prepared for it, and held to the document."""
        made = good_request(house, operation.label)
        body = {} if made.body is None else {"body": made.body, "media_type": _media_type(operation)}
        case = operation.Case(path_parameters=made.ids, query=made.query, headers=made.headers, **body)
        case.headers.setdefault("Authorization", f"Bearer {house.bearer}")
        sent = {} if made.files is None else {"files": made.files}
        response = case.call(base_url=house.url, **sent)
        if _succeeded(response):
            self.reached.add(operation.label)
        try:
            case.validate_response(response, excluded_checks=[CHECKS.get_one(name) for name in (*REPLACED, "ignored_auth")])
        except FailureGroup as group:
            self.faults |= {f"{operation.label}: {each.title}": str(each) for each in group.exceptions}

    def see(self, event: events.EngineEvent) -> None:
        match event:
            case events.ScenarioFinished():
                self._see(event)
            case events.NonFatalError():
                self.faults[f"{event.label}: {event.info.title}"] = event.info.message
            case events.PhaseFinished():
                self.phases[event.phase.name.value] = event.status

    def _see(self, scenario: events.ScenarioFinished) -> None:
        recorder = scenario.recorder
        self.slow[f"{scenario.phase.value} {scenario.label}"] += scenario.elapsed_time
        for name, interaction in recorder.interactions.items():
            label = recorder.cases[name].value.operation.label
            self.asked[scenario.phase.value] += 1
            response = interaction.response
            if response is not None and _succeeded(response):
                self.reached.add(label)
        for name, checks in recorder.checks.items():
            for check in checks:
                if check.status is Status.FAILURE and check.failure_info is not None:
                    label = recorder.cases[name].value.operation.label
                    failure = check.failure_info.failure
                    key = f"{label}: {failure.title}: {failure.message.partition(chr(10))[0]}"
                    self.faults.setdefault(key, f"{failure.message}\n{check.failure_info.code_sample}")

    def text(self) -> str:
        shown = [f"{key}\n{text}" for key, text in list(self.faults.items())[:FAULTS_SHOWN_MAX]]
        return f"{len(self.faults)} faults\n" + "\n".join(self.faults) + "\n\n" + "\n\n".join(shown)


def _succeeded(response: schemathesis.Response) -> bool:
    """With 2xx, or by sending the user back to the client; a refusal in the envelope is none."""
    if not 200 <= response.status_code < 300 and response.status_code != 303:
        return False
    return not _is_error(_told(response))


def run(house: LiveHouse, *, examples: int, phases: tuple[str, ...]) -> Run:
    asked_once = {"checks": {"ignored_auth": {"enabled": False}}}  # by chance, which has live ids
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "continue-on-failure": True,
            "max-redirects": 0,
            "request-timeout": 20,
            "generation": {"max-examples": examples, "deterministic": True, "database": "none", "no-shrink": True},
            "phases": {
                "examples": {"enabled": "examples" in phases},
                "coverage": {"enabled": "coverage" in phases, "unexpected-methods": ["DELETE", "PATCH"], **asked_once},
                "fuzzing": {"enabled": "fuzzing" in phases},
                "stateful": {"enabled": "stateful" in phases, "max-steps": STEPS, **asked_once},
            },
            "checks": {name: {"enabled": False} for name in REPLACED},
            "operations": [{"include-path-regex": f"^{BROKER_REST}", "checks": {"unsupported_method": {"enabled": False}}}],
        }
    )
    document = house.http.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document, config=config).exclude(path=ENDLESS)
    schema.config.update(base_url=house.url)
    schema.auth()(signed_in(house))
    found = Run()
    with helping(house):
        for one in schema.get_all_operations():
            found.succeed(house, one.ok())
        for event in from_schema(schema).execute():
            found.see(event)
    left = {f"{m.upper()} {p}" for p, ways in document["paths"].items() for m in ways if p != ENDLESS} - found.reached
    found.faults |= {f"{label} never succeeded": "" for label in left}
    return found


def signed_in(house: LiveHouse) -> type[schemathesis.AuthProvider]:
    class SignedIn:
        def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
            return house.bearer

        def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    return SignedIn


@contextmanager
def helping(house: LiveHouse) -> Iterator[None]:
    def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
        help_it(house, case)

    schemathesis.hook(before_call)
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(before_call)


def help_it(house: LiveHouse, case: schemathesis.Case) -> None:
    """Live ids, where the path is not what is being tried."""
    meta = case.meta
    if meta is None or is_unexpected_http_status_case(case) or meta.is_negative_at(ParameterLocation.PATH):
        return
    if case.operation.path_parameters:
        case.path_parameters = dict(good_request(house, case.operation.label).ids)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHouse]:
    with live_house(tmp_path_factory.mktemp("house")) as one:
        yield one


def test_every_operation_succeeds_once_and_refuses_what_chance_finds(house: LiveHouse) -> None:
    found = run(house, examples=QUICK, phases=("fuzzing",))
    print(found.asked, found.phases, found.slow.most_common(25))
    faults = found.text()
    assert not found.faults, faults


def test_an_empty_currency_or_unit_counts_as_absent(house: LiveHouse) -> None:
    asked = {"symbol": "BTCUSD", "currencyCode": "", "unitId": ""}
    assert house.http.get("/datafeed/symbols", params=asked).json()["name"] == "BTCUSD"
    assert house.http.get("/datafeed/symbols", params=asked | {"currencyCode": "X" * 9}).json()["s"] == "error"


def test_a_method_there_is_none_of_is_told_all_there_are(house: LiveHouse) -> None:
    answer = house.http.patch("/broker/accounts")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.long
def test_every_operation_keeps_to_its_description_in_every_phase(house: LiveHouse) -> None:
    found = run(house, examples=WHOLE, phases=("examples", "coverage", "fuzzing", "stateful"))
    print(found.asked, found.phases, found.slow.most_common(25))
    faults = found.text()
    assert not found.faults, faults
    assert envelope_refusals

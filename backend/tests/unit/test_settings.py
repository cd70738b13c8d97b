"""Settings: what is read from where, and the one sentence a bad one gives."""

import os
from pathlib import Path

import pytest

from trading_api.models.errors import Stopped
from trading_api.settings import PREFIX, Delay, Settings, load_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_an_empty_environment_gives_a_house_on_loopback() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.data_dir) == ("127.0.0.1", 8000, Path("var"))
    assert settings.loopback
    assert settings.execution_delay == Delay(0, 0)


def test_dot_env_is_read_the_environment_wins_over_it_and_an_option_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("TRADING_PORT=8001\nTRADING_SEED=7\nTRADING_LOG_LEVEL=debug\nOTHER=1\n")
    monkeypatch.setenv("TRADING_PORT", "8002")
    monkeypatch.setenv("TRADING_SEED", "8")
    settings = load_settings(port=8003, host=None)
    assert (settings.port, settings.seed, settings.log_level, settings.host) == (8003, 8, "debug", "127.0.0.1")


@pytest.mark.parametrize(
    ("text", "delay"),
    [("0", Delay(0, 0)), ("0.5", Delay(0.5, 0.5)), ("1-2", Delay(1, 2)), ("60", Delay(60, 60)), ("manual", None)],
)
def test_a_delay_is_a_number_or_a_range(monkeypatch: pytest.MonkeyPatch, text: str, delay: Delay | None) -> None:
    monkeypatch.setenv("TRADING_EXECUTION_DELAY", text)
    assert load_settings().execution_delay == delay


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_ALLOWED_ORIGINS", "http://localhost:5173, https://Desk.example/")
    monkeypatch.setenv("TRADING_ALLOWED_HOSTS", "Trade.example,10.0.0.5:8000,[::1]:9000")
    settings = load_settings()
    assert settings.allowed_origins == ("http://localhost:5173", "https://desk.example")
    assert settings.allowed_hosts == ("trade.example", "10.0.0.5:8000", "[::1]:9000")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRADING_PORT", "eight"),
        ("TRADING_PORT", "65536"),
        ("TRADING_HOST", ""),
        ("TRADING_DATA_DIR", ""),
        ("TRADING_EXECUTION_DELAY", "2-1"),
        ("TRADING_EXECUTION_DELAY", "soon"),
        ("TRADING_EXECUTION_DELAY", "61"),
        ("TRADING_EXECUTION_DELAY", "-1"),
        ("TRADING_SEED", "-1"),
        ("TRADING_MARGIN_CALL_LEVEL", "1001"),
        ("TRADING_STOP_OUT_LEVEL", "-1"),
        ("TRADING_STOP_OUT_LEVEL", "half"),
        ("TRADING_LOG_LEVEL", "loud"),
        ("TRADING_ALLOWED_ORIGINS", "*"),
        ("TRADING_ALLOWED_ORIGINS", "null"),
        ("TRADING_ALLOWED_ORIGINS", "localhost:5173"),
        ("TRADING_ALLOWED_HOSTS", "http://trade.example"),
        ("TRADING_ALLOWED_HOSTS", "*"),
    ],
)
def test_a_bad_setting_gives_one_sentence_naming_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Stopped) as stopped:
        load_settings()
    sentence = str(stopped.value)
    assert sentence.startswith(f"{name}: expected ")
    assert sentence.endswith(f"found '{value}'")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "hint"), [("TRADING_PROT", "TRADING_PORT"), ("TRADING_ALLOWED_HOST", "TRADING_ALLOWED_HOSTS")]
)
def test_a_misspelt_setting_is_refused_and_not_ignored(name: str, hint: str) -> None:
    Path(".env").write_text(f"{name}=1\n")
    with pytest.raises(Stopped, match=f"^{name} is not a setting: did you mean {hint}"):
        load_settings()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "trade.example"])
def test_an_address_others_can_reach_needs_authentication(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("TRADING_ALLOWED_HOSTS", "trade.example")
    with pytest.raises(Stopped, match="TRADING_AUTHENTICATION=true") as refusal:
        load_settings(host=host)
    assert "\n" not in str(refusal.value)
    assert load_settings(host=host, authentication=True).authentication


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "trade.example"])
def test_an_address_others_can_reach_needs_the_names_they_will_use(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("TRADING_AUTHENTICATION", "true")
    with pytest.raises(Stopped, match="TRADING_ALLOWED_HOSTS"):
        load_settings(host=host)
    monkeypatch.setenv("TRADING_ALLOWED_HOSTS", "trade.example")
    assert not load_settings(host=host).loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback_has_several_names(host: str) -> None:
    assert load_settings(host=host).loopback


def test_every_setting_says_what_it_is_and_what_is_expected() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert isinstance(field.json_schema_extra, dict) and field.json_schema_extra["expected"], name

"""What a run found: as a table, as JUnit and as JSON."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table
from rich.text import Text

from trading_api.conformance.catalogue import Check
from trading_api.conformance.exchange import Exchange
from trading_api.conformance.runner import Finding, Outcome

BODY_SHOWN_MAX = 300
"""Characters of an answer in the table; JUnit and JSON have more."""
WIDE = 120
"""Columns of a console with room for sentences beside the names of checks."""
LONG_MAX = 4000
"""The same in JUnit."""
STYLES = {Outcome.PASSED: "green", Outcome.FAILED: "bold red", Outcome.WARNED: "yellow", Outcome.SKIPPED: "dim"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def held(findings: Sequence[Finding]) -> bool:
    """Whether nothing failed and something passed."""
    outcomes = {one.outcome for one in findings}
    return Outcome.FAILED not in outcomes and Outcome.PASSED in outcomes


def summary(findings: Sequence[Finding]) -> str:
    counts = Counter(one.outcome for one in findings)
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)


def show(findings: Sequence[Finding], console: Console) -> None:
    rows = [(one.check.name, one.check.section, Text(one.outcome, style=STYLES[one.outcome]), one.why) for one in findings]
    console.print(_table(("Check", "Contract", "Result", "Why"), rows, wide=console.width >= WIDE))
    for one in findings:
        if one.outcome in (Outcome.FAILED, Outcome.WARNED):
            console.print(Text(f"\n{one.check.name} {one.outcome}", style=STYLES[one.outcome]))
            console.print(Text(_told(one, BODY_SHOWN_MAX)))
    console.print(Text("\n" + summary(findings)))


def show_rules(checks: Sequence[Check], console: Console) -> None:
    rows = [(one.name, ", ".join(one.protocols), one.section, one.rule) for one in checks]
    console.print(_table(("Check", "Of", "Contract", "Rule"), rows, wide=console.width >= WIDE))


def _table(headings: Sequence[str], rows: Iterable[tuple[str, str, str | Text, str]], *, wide: bool) -> Table:
    """The last column holds a sentence; where there is no room beside the others it stands below the name."""
    table = Table(show_lines=False)
    for heading in headings if wide else headings[:-1]:
        table.add_column(heading, overflow="fold", no_wrap=heading != (headings[-1] if wide else headings[0]))
    for name, *cells, sentence in rows:
        below = [name] if wide or not sentence else [name, sentence]
        table.add_row(Text("\n  ".join(map(str, below))), *cells, *([Text(str(sentence))] if wide else []))
    return table


def _told(one: Finding, characters: int) -> str:
    return "\n".join(
        [f"rule: {one.check.rule} (contract {one.check.section})", f"found: {one.why}", *_lines(one.exchanges, characters)]
    )


def _lines(exchanges: Sequence[Exchange], characters: int) -> list[str]:
    lines = []
    for each in exchanges:
        asked, answered = each.told()
        lines.append(f"> {each.method} {each.url}" + (f"  {each.sent}" if each.sent else ""))
        lines += [f">   {name}: {value}" for name, value in asked.items()]
        body = each.received if len(each.received) <= characters else each.received[:characters] + "…"
        lines.append(f"< {each.status} {body}".rstrip() if each.status else f"< {body}")
        lines += [f"<   {name}: {value}" for name, value in answered.items()]
    return lines


def as_json(findings: Sequence[Finding], url: str) -> str:
    rows = [
        {
            "name": one.check.name,
            "section": one.check.section,
            "rule": one.check.rule,
            "outcome": one.outcome,
            "why": one.why,
            "seconds": round(one.seconds, 3),
            "exchanges": [each._asdict() for each in one.exchanges],
        }
        for one in findings
    ]
    counts = {outcome.value: sum(one.outcome is outcome for one in findings) for outcome in Outcome}
    return json.dumps({"url": url, "counts": counts, "checks": rows}, ensure_ascii=False, indent=2) + "\n"


def as_junit(findings: Sequence[Finding], url: str) -> str:
    def of(outcome: Outcome) -> str:
        return str(sum(one.outcome is outcome for one in findings))

    counts = {"tests": str(len(findings)), "failures": of(Outcome.FAILED), "errors": "0", "skipped": of(Outcome.SKIPPED)}
    suite = ElementTree.Element("testsuite", {"name": f"conformance of {url}", **counts})
    for one in findings:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            {"classname": f"conformance.{_clean(one.check.section)}", "name": one.check.name, "time": f"{one.seconds:.3f}"},
        )
        if one.outcome is Outcome.FAILED:
            ElementTree.SubElement(case, "failure", {"message": _clean(one.why)}).text = _clean(
                _told(one, len(one.why) + 10_000)
            )
        elif one.outcome is Outcome.SKIPPED:
            ElementTree.SubElement(case, "skipped", {"message": _clean(one.why)})
        elif one.outcome is Outcome.WARNED:
            ElementTree.SubElement(case, "system-out").text = _clean("warning: " + _told(one, LONG_MAX))
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    """Without the characters that no XML may hold."""
    return _NOT_XML.sub("\ufffd", text)


def write(text: str, target: Path) -> None:
    target.write_text(text, encoding="utf-8")

"""Trades a day of the past over the public API: import, replay, orders, the cascade as it happens, and books that balance."""

import argparse
import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from demo_books import check, show
from demo_cascade import Cascade, clock
from demo_trader import Trader
from public_api import Api, Trouble, own_server

BALANCE = 1_000_000
WARM_UP_MS = 2 * 3_600_000
"""The trader looks back before the first order."""
QUARTERS_PER_HOUR = 4
PROGRESS_SECONDS = 0.1
SIDES = {"-bid": "-ask", "-ask": "-bid"}
COMMISSION = {"commission": {"rate": 0.00002}}
"""Per fill, of its value: so that the books have something to add up."""

HELP = """\
Import both sides of a symbol's minute bars, replay them, trade them over the public API with a small strategy, and print every
execution, order, equity and position as they are announced. Ends by adding up the books; the exit code is 0 if they balance.
"""


def main(arguments: list[str]) -> int:
    asked = _arguments(arguments)
    try:
        files = pair(asked.data)
        with contextlib.nullcontext(asked.url) if asked.url else own_server() as url:
            return demonstrate(Api(url), files, hours=asked.hours, start=asked.start, own=asked.url is None)
    except Trouble as trouble:
        sys.stderr.write(f"demo: {trouble}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def demonstrate(api: Api, files: list[Path], *, hours: int, start: str | None, own: bool) -> int:
    _say("Server", f"{api.url} ({'new, its state is temporary' if own else 'already running'})")
    series = import_files(api, files)
    replay = create_replay(api, series, start)
    account, symbol = replay["accountId"], replay["symbols"][0]
    instrument = api.get(f"/broker/accounts/{account}/instruments/{symbol}")
    _say("Account", f"{account}, {BALANCE:,} {instrument['currency']}, leverage {instrument['leverage']}")
    _say("Topics", "executions, orders, equity, positions on one socket; each fact in this order")
    cascade = Cascade(api.socket(), account)
    trader = Trader(api, cascade, account, symbol, instrument)
    wrong: list[str] = []
    quarters = 0
    while quarters < hours * QUARTERS_PER_HOUR and replay["state"] != "ended" and not wrong:
        replay = api.ask("POST", f"/replays/{replay['id']}/step", {"bars": 1, "resolution": "15"}).expect(200).value
        quarters += 1
        cascade.catch_up()
        trader.quarter(replay["now"])
        wrong = check(api, account, symbol, BALANCE, cascade.executions)
    print(f"\n{clock(replay['now'])}  The end, after {quarters / QUARTERS_PER_HOUR:g} hours of market time\n")
    return show(api, account, symbol, BALANCE, cascade.executions, times=quarters)


def pair(data: Path) -> list[Path]:
    """Both sides: `data` is one of the files, the folder they lie in, or the beginning of their names."""
    if data.is_dir():
        found = sorted(data.glob("usdjpy-m1-*.csv"))
    else:
        found = [data] if data.is_file() else sorted(data.parent.glob(f"{data.name}*.csv"))
    for file in found:
        for side, other in SIDES.items():
            twin = file.with_name(file.name.replace(side, other))
            if side in file.name and twin.is_file():
                return sorted([file, twin])
    names = ", ".join(file.name for file in found) or "no such file"
    raise Trouble(
        f"Expected both sides of a pair such as usdjpy-m1-bid-2013.csv, usdjpy-m1-ask-2013.csv at {data}, found {names}"
    )


def import_files(api: Api, files: list[Path]) -> dict[str, Any]:  # Any: JSON
    """Upload them, and follow the import to its end."""
    job = api.upload("/imports", files, {"instrument": json.dumps(COMMISSION)}).expect(202).value
    names = ", ".join(file.name for file in files)
    while job["status"] in ("queued", "running"):
        _progress(names, job["bytesRead"], job["bytesTotal"])
        time.sleep(PROGRESS_SECONDS)
        job = api.get(f"/imports/{job['id']}")
    if job["status"] != "done":
        raise Trouble(f"Expected {names} to be imported: {job.get('message')}")
    _progress(names, job["bytesTotal"], job["bytesTotal"])
    print("" if sys.stdout.isatty() else f"{'Import':<9}{names}, {job['bytesTotal'] / 1_000_000:.1f} MB")
    series: dict[str, Any] = job["series"][0]
    span = f"{clock(series['first'])} to {clock(series['last'])}"
    _say("Prices", f"{series['symbol']}, {series['rows']:,} bars of a minute, bid and ask, {span}")
    return series


def create_replay(api: Api, series: dict[str, Any], start: str | None) -> dict[str, Any]:  # Any: JSON
    body = {"symbols": [f"IMPORT:{series['symbol']}"], "start": start or series["first"] + WARM_UP_MS, "balance": BALANCE}
    replay: dict[str, Any] = api.ask("POST", "/replays", body).expect(201).value
    _say("Replay", f"{replay['id']}, from {clock(replay['now'])}")
    return replay


def _progress(names: str, done: int, total: int) -> None:
    """One line, written again and again; for terminals."""
    if sys.stdout.isatty():
        share = done / total if total else 0
        bar = "#" * round(20 * share)
        print(f"\r{'Import':<9}{names}  [{bar:.<20}] {share:4.0%}", end="", flush=True)


def _say(what: str, text: str) -> None:
    print(f"{what:<9}{text}", flush=True)


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", usage="make demo DATA=PATH, or demo.py [options] PATH", description=HELP)
    parser.add_argument(
        "data", type=Path, metavar="PATH", help="a folder with usdjpy-m1-*.csv, one file of a pair, or their prefix"
    )
    parser.add_argument("--hours", type=int, default=24, help="market time to trade (default 24)")
    parser.add_argument("--start", help="where to begin, such as 2013-02-04T08:00:00Z (default: two hours into the data)")
    parser.add_argument("--url", help="a running server, such as http://127.0.0.1:8000; no replay there may hold the symbol")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

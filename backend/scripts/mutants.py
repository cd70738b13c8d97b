"""Shows that the comparison with the oracle catches faults: plants each, in engine or house, prints how it was noticed."""

import argparse
import sys

import pytest

TESTS = ("tests/properties/test_engine_mutants.py", "tests/properties/test_machine.py", "-k", "test_a_wrong")
WIDTH = 132


class Table:
    """Listens to the tests and prints one row for each."""

    def __init__(self) -> None:
        self.caught = 0
        self.missed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        fault = report.nodeid.partition("[")[2].rstrip("]").replace("_", " ")
        if report.passed:
            self.caught += 1
            seen = dict(report.user_properties)
            row = f"{fault:<48} caught  {seen['caught']}"
        else:
            self.missed.append(fault)
            row = f"{fault:<48} MISSED"
        print(row if len(row) <= WIDTH else f"{row[: WIDTH - 1]}…", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, epilog="Further arguments go to pytest, such as -x.")
    _, further = parser.parse_known_args()
    table = Table()
    print(f"{'planted fault':<48} caught  by what differs\n")
    code = pytest.main(["-p", "no:cacheprovider", "-p", "no:terminal", *TESTS, *further], plugins=[table])
    print(f"\n{table.caught} of {table.caught + len(table.missed)} planted faults caught")
    for fault in table.missed:
        print(f"missed: {fault}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())

"""Shows that the comparison with the oracle catches wrong engines: plants each fault, prints how it was noticed."""

import sys

import pytest

TESTS = "tests/properties/test_engine_mutants.py"
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
            row = f"{fault:<42} caught  {seen['actions']:>3} actions  {seen['caught']}"
        else:
            self.missed.append(fault)
            row = f"{fault:<42} MISSED"
        print(row if len(row) <= WIDTH else f"{row[: WIDTH - 1]}…", flush=True)


def main() -> int:
    table = Table()
    print(f"{'planted fault':<42} caught  by a run of  first difference\n")
    code = pytest.main(["-p", "no:cacheprovider", "-p", "no:terminal", TESTS, *sys.argv[1:]], plugins=[table])
    print(f"\n{table.caught} of {table.caught + len(table.missed)} planted faults caught")
    for fault in table.missed:
        print(f"missed: {fault}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())

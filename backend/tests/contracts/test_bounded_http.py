"""The internals of uvicorn `plugins/bounded_http.py` stands on: a release that changes them fails here first."""

import inspect

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trading_api.plugins.bounded_http import BoundedHttp

OURS = {"_await_head", "_forget_alarm", "_forget_unread", "_head_late", "_refuse_head", "_refuse"}


def test_every_overridden_method_exists_with_the_same_parameters() -> None:
    written = {name: value for name, value in vars(BoundedHttp).items() if inspect.isfunction(value)}
    for name in written.keys() - OURS:
        theirs = inspect.signature(getattr(HttpToolsProtocol, name))
        assert list(inspect.signature(written[name]).parameters) == list(theirs.parameters), name
    assert not OURS & vars(HttpToolsProtocol).keys()


def test_the_fields_it_reads_are_there() -> None:
    source = inspect.getsource(HttpToolsProtocol)
    for name in ("connections", "transport", "loop", "cycle", "headers"):
        assert f"self.{name}" in source

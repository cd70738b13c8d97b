"""How symbols are written on TradingView's broker REST API: upper case letters, digits, dot and underscore.

The first market's symbols go by their bare names, those of every other as MARKET.NAME; so importing a file or starting a replay
never changes what a name means. Read is also MARKET:NAME.
"""

import re
from collections.abc import Mapping

from trading_api.core.ports import Market
from trading_api.models.errors import NotFound
from trading_api.models.market.instruments import Instrument

_STRANGE = re.compile(r"[^A-Z0-9._]")


def spelled(name: str) -> str:
    return _STRANGE.sub("_", name.upper())


class Names:
    """`markets` is looked at anew each time: replays come and go."""

    def __init__(self, markets: Mapping[str, Market]) -> None:
        self._markets = markets

    @property
    def home(self) -> str:
        return next(iter(self._markets))

    def wire(self, symbol_id: str) -> str:
        market, _, name = symbol_id.partition(":")
        return spelled(name) if market == self.home else f"{market}.{spelled(name)}"

    def instrument(self, text: str, *, field: str = "instrument") -> Instrument:
        """Raises NotFound naming the field."""
        found = self._of(self.home, text) or self._elsewhere(text, ".") or self._elsewhere(text, ":")
        if found is None:
            example = next(iter(self._markets[self.home].search()), None)
            hint = f" such as {self.wire(example.id)}" if example else ""
            raise NotFound("unknown_symbol", f"Expected an instrument{hint}, found '{text}'", field=field)
        return found

    def _elsewhere(self, text: str, mark: str) -> Instrument | None:
        market, _, name = text.partition(mark)
        return self._of(market, name)

    def _of(self, market: str, name: str) -> Instrument | None:
        if market not in self._markets or not name:
            return None
        exact = self._markets[market].find(name)
        if exact is not None:
            return exact
        return next((one for one in self._markets[market].search() if spelled(one.name) == name), None)

"""The topic `pip-values`: what a pip of a symbol is worth in an account's currency, told whenever the conversion moves it."""

from collections.abc import Callable
from decimal import Decimal

from trading_api.core.money import Leg, Rates
from trading_api.core.routes import Snapshot, TopicCallback, Update
from trading_api.core.watch import Prices
from trading_api.models.base import on_the_wire
from trading_api.models.broker.terminal import PipValues, PipValuesSubscriptionRequest
from trading_api.models.errors import Refused
from trading_api.models.market.instruments import Instrument
from trading_api.models.market.quotes import Quote

Path = Callable[[str, str], tuple[Leg, ...] | None]


def pip_value(rates: Rates, instrument: Instrument, currency: str) -> Decimal | None:
    """Of one unit; None without a rate."""
    try:
        value = rates.convert(instrument.pip_size, instrument.currency, currency)
    except Refused:
        return None
    return on_the_wire(Decimal(value.numerator) / Decimal(value.denominator))


class PipStream:
    """One account and symbol, listened to on the pairs that convert it."""

    def __init__(
        self,
        request: PipValuesSubscriptionRequest,
        instrument: Instrument,
        currency: str,
        path: Path,
        tell: Callable[[PipValues], None],
    ) -> None:
        self._request = request
        self._instrument = instrument
        self._currency = currency
        self._quotes: dict[str, Quote] = {}
        self._rates = Rates(path, self._quotes)
        self._tell = tell
        self.legs = tuple(dict.fromkeys(leg.symbol for leg in path(instrument.currency, currency) or ()))
        self.value = self._now()

    async def hear(self, quote: Quote) -> None:
        self._quotes[quote.symbol] = quote
        value = self._now()
        if value != self.value:
            self.value = value
            self._tell(value)

    def _now(self) -> PipValues:
        value = pip_value(self._rates, self._instrument, self._currency)
        return PipValues(
            account_id=self._request.account_id, symbol=self._request.symbol, buy_pip_value=value, sell_pip_value=value
        )


class PipTopics:
    def __init__(self, prices: Prices, epoch: str) -> None:
        self._prices = prices
        self._epoch = epoch
        self._streams: dict[str, PipStream] = {}
        self._seq = 0
        """Of all these topics together, so that one that comes back goes on above what it told before."""

    async def create(
        self,
        topic: str,
        request: PipValuesSubscriptionRequest,
        instrument: Instrument,
        *,
        currency: str,
        path: Path,
        publish: TopicCallback,
    ) -> None:
        def tell(value: PipValues) -> None:
            self._seq += 1
            publish(Update(topic, self._epoch, self._seq, value))

        stream = PipStream(request, instrument, currency, path, tell)
        heard: list[str] = []
        try:
            for symbol in stream.legs:
                quote = await self._prices.listen(symbol, stream.hear)
                heard.append(symbol)
                await stream.hear(quote)
        except BaseException:
            for symbol in heard:
                self._prices.unlisten(symbol, stream.hear)
            raise
        self._streams[topic] = stream

    def snapshot(self, topic: str) -> Snapshot:
        return Snapshot(self._epoch, self._seq, self._streams[topic].value)

    def remove(self, topic: str) -> None:
        stream = self._streams.pop(topic, None)
        if stream is None:
            return
        for symbol in stream.legs:
            self._prices.unlisten(symbol, stream.hear)

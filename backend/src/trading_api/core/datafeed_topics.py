"""The datafeed's live topics: one stream each, from the first listener to the last."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from trading_api.core.access import Principal
from trading_api.core.bars import check_resolution
from trading_api.core.depth import expect_depth
from trading_api.core.history import HISTORY_SECONDS
from trading_api.core.limits import within
from trading_api.core.market_feed import MarketFeed
from trading_api.core.ports import Clock
from trading_api.core.routes import Snapshot, TopicCallback
from trading_api.core.streams import BarStream, DepthStream, QuoteStream, Stream
from trading_api.core.symbols import Listing
from trading_api.core.wording import worded
from trading_api.models.base import Model
from trading_api.models.errors import FixRequest, NotAllowed, TryLater
from trading_api.models.market.bars import BarsSubscriptionRequest
from trading_api.models.market.depth import DepthSubscriptionRequest
from trading_api.models.market.quotes import QuotesSubscriptionRequest
from trading_api.models.topics import TOPIC, topic_string

Request = BarsSubscriptionRequest | QuotesSubscriptionRequest | DepthSubscriptionRequest


class DatafeedTopics:
    def __init__(self, feeds: Mapping[str, MarketFeed], resolve: Callable[[str], Listing], clock: Clock, epoch: str) -> None:
        self._feeds = feeds
        self._resolve = resolve
        self._clock = clock
        self._epoch = epoch
        self._streams: dict[str, Stream] = {}
        self._seq_floor = 0

    def admit(self, topic: str, principal: Principal) -> None:
        if not principal.hears_prices:
            raise NotAllowed("not_allowed", "Expected the right to read, found none")
        self._listing(read_topic(topic))

    async def create(self, topic: str, publish: TopicCallback) -> None:
        assert topic not in self._streams, f"{topic} exists"
        stream = self._streams[topic] = self._stream(topic, publish)
        market, instrument = stream.listing
        self._feeds[market.name].watch(instrument.name).streams.append(stream)
        try:
            await within(self._clock, HISTORY_SECONDS, stream.load())
        except TimeoutError:
            self.remove(topic)
            raise TryLater(
                "slow_history", f"Expected the state of {topic} within {HISTORY_SECONDS:g} s, found no answer yet"
            ) from None
        except BaseException:
            self.remove(topic)
            raise

    def snapshot(self, topic: str) -> Snapshot:
        return self._streams[topic].snapshot()

    def remove(self, topic: str) -> None:
        stream = self._streams.pop(topic, None)
        if stream is None:
            return
        # A topic that comes back goes on above every number used so far, so nobody takes its updates for older ones.
        self._seq_floor = max(self._seq_floor, stream.seq)
        market, instrument = stream.listing
        feed = self._feeds.get(market.name)
        watch = feed.watches.get(instrument.name) if feed else None
        if feed and watch and stream in watch.streams:
            watch.streams.remove(stream)
            feed.leave(instrument.name)

    def _stream(self, topic: str, publish: TopicCallback) -> Stream:
        request = read_topic(topic)
        listing = self._listing(request)
        if isinstance(request, BarsSubscriptionRequest):
            return BarStream(topic, listing, self._epoch, self._seq_floor, publish, resolution=request.resolution)
        if isinstance(request, DepthSubscriptionRequest):
            return DepthStream(topic, listing, self._epoch, self._seq_floor, publish, asked=request.symbol)
        return QuoteStream(topic, listing, self._epoch, self._seq_floor, publish, asked=request.symbol)

    def _listing(self, request: Request) -> Listing:
        listing = self._resolve(request.symbol)
        if isinstance(request, BarsSubscriptionRequest):
            check_resolution(listing.instrument, request.resolution)
        if isinstance(request, DepthSubscriptionRequest):
            expect_depth(listing.instrument)
        return listing


def read_topic(topic: str) -> Request:
    """The request in a topic string, which must be written in the one canonical way."""
    name, _, text = topic.partition(":")
    request = _request(name, text, topic)
    if (canonical := topic_string(name, request)) != topic:
        raise FixRequest("bad_topic", f"Expected the topic as {canonical}, found {topic}", field="topic")
    return request


def _request(name: str, text: str, topic: str) -> Request:
    known = TOPIC.get(name)
    if known is None or known.owner != "datafeed":
        raise FixRequest(
            "bad_topic", f"Expected a topic that begins with bars:, quotes: or depth:, found {topic}", field="topic"
        )
    try:
        request: Model = known.request.model_validate_json(text)
    except ValidationError as error:
        fault = worded(error, whole="the topic")
        raise FixRequest("bad_topic", fault.message, field=fault.field or "topic") from None
    assert isinstance(request, Request)
    return request

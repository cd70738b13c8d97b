"""What every bus promises."""

from trading_api.core.ports import Bus, Frame


class BusContract:
    """A plug's test gives `bus` and, where delivery takes time, `delivered`."""

    async def delivered(self) -> None:
        """Return once everything published so far has reached its listeners."""

    async def test_a_frame_reaches_every_listener_unchanged(self, bus: Bus) -> None:
        one: list[Frame] = []
        other: list[Frame] = []
        bus.listen(one.append)
        bus.listen(other.append)
        frame = Frame('orders:{"accountId":"é"}', None, b'{"type":"orders.update"}')
        bus.publish(frame)
        await self.delivered()
        assert one == other == [frame]

    async def test_frames_arrive_in_the_order_they_were_published(self, bus: Bus) -> None:
        heard: list[Frame] = []
        bus.listen(heard.append)
        frames = [Frame(f"t:{number % 3}", None if number % 2 else "k", b"%d" % number) for number in range(1000)]
        for frame in frames:
            bus.publish(frame)
        await self.delivered()
        assert heard == frames

    async def test_a_late_listener_hears_what_comes_after_it(self, bus: Bus) -> None:
        bus.publish(Frame("t", None, b"1"))
        await self.delivered()
        heard: list[Frame] = []
        bus.listen(heard.append)
        bus.publish(Frame("t", None, b"2"))
        await self.delivered()
        assert [frame.body for frame in heard] == [b"2"]

    async def test_publishing_without_listeners_is_no_mistake(self, bus: Bus) -> None:
        bus.publish(Frame("t", None, b""))
        await self.delivered()

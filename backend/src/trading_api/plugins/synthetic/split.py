"""Splitting a bar into smaller ones, in whole ticks: what a parent says, its children add up to exactly.

A walk leads from the parent's open past its high and its low to its close. Its legs are bridges: straight lines plus noise,
and the noise gets what the lines leave of the variance that the parent has to spend. So minutes are as restless as days say.
"""

from collections.abc import Sequence
from math import isqrt
from typing import Final, NamedTuple

from trading_api.plugins.synthetic.noise import mix

_LEGS: Final = 3
_SUBTICK_BITS: Final = 8
_EXCESS_BITS: Final = 12
# A signed square has a fifth of its swing as variance; a little more makes up for what reflection takes (measured).
_NOISE_TENTHS: Final = 56


def _excesses() -> tuple[int, ...]:
    """256 equally likely values of an exponential draw, its mean being 1: differences of harmonic numbers."""
    values, total = [], 0
    for rank in range(256, 0, -1):
        total += (1 << (_EXCESS_BITS + 16)) // rank
        values.append(total >> 16)
    return tuple(values)


_EXCESS: Final = _excesses()


class Drawn(NamedTuple):
    """A bar in ticks and volume steps."""

    open: int
    high: int
    low: int
    close: int
    volume: int


def reach_up(open_: int, close: int, variance: int, chance: int) -> int:
    """How high a random walk of this variance gets on its way from open to close."""
    return (open_ + close + isqrt((close - open_) ** 2 + (2 * variance * _EXCESS[chance] >> _EXCESS_BITS))) // 2


def reach_down(open_: int, close: int, variance: int, chance: int) -> int:
    return open_ + close - reach_up(open_, close, variance, chance)


def bars_in(parent: Drawn, count: int, variance: int, key: int) -> list[Drawn]:
    """`count` bars that make up the parent, each opening where the one before closed."""
    if count < _LEGS + 1:
        return _few(parent, count)
    share = variance // count
    bits = mix(key)
    # The extreme lies inside its child, not at its edge: the walk passes at a child's own distance from it.
    room = (parent.high - parent.low) // 3
    distance = isqrt(share)
    top = parent.high - min(room, distance * (96 + (bits & 127)) >> 8)
    bottom = parent.low + min(room, distance * (96 + (bits >> 7 & 127)) >> 8)
    points, at_top, at_bottom = walk(parent, count, variance, bits, top, bottom)
    high_child = at_top - (bits >> 14 & 1)
    low_child = at_bottom - (bits >> 15 & 1)
    ranges: list[tuple[int, int, int, int]] = []
    weights: list[int] = []
    for child in range(count):
        draws = mix(key + child)
        open_, close = points[child], points[child + 1]
        high = min(parent.high, reach_up(open_, close, share, draws & 255))
        low = max(parent.low, reach_down(open_, close, share, draws >> 8 & 255))
        if child == high_child:
            high = parent.high
        if child == low_child:
            low = parent.low
        ranges.append((open_, high, low, close))
        weights.append((high - low + 1 + distance) * (64 + (draws >> 16 & 255)))
    volumes = portions(parent.volume, weights)
    return [Drawn(*prices, volume) for prices, volume in zip(ranges, volumes, strict=True)]


def prices_in(parent: Drawn, count: int, variance: int, key: int) -> list[int]:
    """`count` prices from the parent's open to its close, its high and its low among them."""
    points, _, _ = walk(parent, count - 1, variance, mix(key), parent.high, parent.low)
    return points


def portions(total: int, weights: Sequence[int]) -> list[int]:
    """Whole parts of `total` in proportion to the weights; their sum is exactly `total`."""
    whole, done, seen = sum(weights), 0, 0
    parts = []
    for weight in weights:
        seen += weight
        upto = total * seen // whole
        parts.append(upto - done)
        done = upto
    return parts


def walk(parent: Drawn, steps: int, variance: int, key: int, top: int, bottom: int) -> tuple[list[int], int, int]:
    """Prices at the ends of `steps` steps within the parent's range, and where they are at `top` and at `bottom`."""
    open_, high, low, close, _ = parent
    bits = mix(key)
    # Three times out of four the shorter way round: a rising bar mostly meets its low first.
    low_first = (close >= open_) == bool(bits & 3)
    first, second = (bottom, top) if low_first else (top, bottom)
    moves = (first - open_, second - first, close - second)
    spare = steps - _LEGS
    lengths = [
        1 + extra for extra in portions(spare, [(abs(m) + 1) * (128 + (bits >> 8 * n & 255)) for n, m in enumerate(moves, 1)])
    ]
    left = variance - sum(move * move // length for move, length in zip(moves, lengths, strict=True))
    swing = isqrt((_NOISE_TENTHS * left << 2 * _SUBTICK_BITS) // (10 * spare)) if left > 0 and spare else 0
    points = [open_]
    for number, (move, length) in enumerate(zip(moves, lengths, strict=True)):
        _leg(points, move, length, swing, bits ^ number, high, low)
    at_first, at_second = lengths[0], lengths[0] + lengths[1]
    return (points, at_second, at_first) if low_first else (points, at_first, at_second)


def _leg(points: list[int], move: int, length: int, swing: int, key: int, high: int, low: int) -> None:
    """Append a bridge that ends exactly `move` further on, reflected where it would leave the range."""
    start = points[-1]
    if swing == 0 or length == 1:
        points.extend(start + move * step // length for step in range(1, length + 1))
        return
    sums, total, bits = [], 0, 0
    for step in range(length):
        if not step & 3:
            bits = mix(key + (step << 8))
        draw = (bits & 0xFFFF) - 0x8000
        bits >>= 16
        # A square with its sign: tails about as heavy as the normal distribution's.
        total += draw * abs(draw) * swing >> 30
        sums.append(total)
    drift = (move << _SUBTICK_BITS) - total
    base = (start << _SUBTICK_BITS) + (1 << _SUBTICK_BITS - 1)
    for step, noise in enumerate(sums, 1):
        price = base + noise + drift * step // length >> _SUBTICK_BITS
        if price > high:
            price = max(low, 2 * high - price)
        elif price < low:
            price = min(high, 2 * low - price)
        points.append(price)


def _few(parent: Drawn, count: int) -> list[Drawn]:
    """Too few children for a walk: the first takes the whole range and the move, the others stand still."""
    volumes = portions(parent.volume, [1] * count)
    still = Drawn(parent.close, parent.close, parent.close, parent.close, 0)
    return [parent._replace(volume=volumes[0]), *(still._replace(volume=volume) for volume in volumes[1:])]

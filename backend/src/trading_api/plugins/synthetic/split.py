"""Splitting a bar into smaller ones, in whole ticks: what a parent says, its children add up to exactly.

A walk leads from the parent's open past its high and its low to its close. Its legs are bridges: straight lines plus noise,
and the noise gets what the lines leave of the variance that the parent has to spend. So minutes are as restless as days say.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import isqrt
from typing import Final, NamedTuple

from trading_api.plugins.synthetic.noise import mix

_LEGS: Final = 3
_SUBTICK_BITS: Final = 8
EXCESS_BITS: Final = 12
_CURVE_BITS: Final = 20
_SHAPES: Final = ((False, True), (True, True), (True, False))
CURVES_CACHED_MAX: Final = 512
# A signed square has a fifth of its swing as variance; a little more makes up for what reflection takes (measured).
_NOISE_TENTHS: Final = 54


def _excesses() -> tuple[int, ...]:
    """256 equally likely values of an exponential draw, its mean being 1: differences of harmonic numbers."""
    values, total = [], 0
    for rank in range(256, 0, -1):
        total += (1 << (EXCESS_BITS + 16)) // rank
        values.append(total >> 16)
    return tuple(values)


EXCESS: Final = _excesses()


class Drawn(NamedTuple):
    """A bar in ticks and volume steps."""

    open: int
    high: int
    low: int
    close: int
    volume: int


def reach_up(open_: int, close: int, variance: int, chance: int) -> int:
    """How high a random walk of this variance gets on its way from open to close."""
    return (open_ + close + isqrt((close - open_) ** 2 + (2 * variance * EXCESS[chance] >> EXCESS_BITS))) // 2


def reach_down(open_: int, close: int, variance: int, chance: int) -> int:
    return open_ + close - reach_up(open_, close, variance, chance)


def bars_in(parent: Drawn, count: int, variance: int, key: int) -> list[Drawn]:
    """`count` bars that make up the parent, each opening where the one before closed."""
    if count < _LEGS + 1:
        return _few(parent, count)
    share = variance // count
    bits = mix(key)
    distance = isqrt(share)
    top, bottom = _passing(parent, distance, bits)
    points, at_top, at_bottom = walk(parent, count, variance, bits, top, bottom)
    # Of the two children that meet there, one has the extreme.
    high_child, low_child = at_top - (bits >> 14 & 1), at_bottom - (bits >> 15 & 1)
    children: list[Drawn] = []
    weights: list[int] = []
    for place, (open_, close) in enumerate(pairwise(points)):
        draws = mix(key + place)
        high = min(parent.high, reach_up(open_, close, share, draws & 255)) if place != high_child else parent.high
        low = max(parent.low, reach_down(open_, close, share, draws >> 8 & 255)) if place != low_child else parent.low
        children.append(Drawn(open_, high, low, close, 0))
        weights.append((high - low + 1 + distance) * (64 + (draws >> 16 & 255)))
    volumes = portions(parent.volume, weights)
    return [child._replace(volume=volume) for child, volume in zip(children, volumes, strict=True)]


def _passing(parent: Drawn, distance: int, bits: int) -> tuple[int, int]:
    """How near the walk's corners come to the high and the low: an extreme lies inside a child, not at its edge."""
    room = (parent.high - parent.low) // 3
    top = parent.high - min(room, distance * (160 + (bits & 127)) >> 8)
    return top, parent.low + min(room, distance * (160 + (bits >> 7 & 127)) >> 8)


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
    weights = [(abs(move) + 1) * (48 + (bits >> 8 * place & 255)) for place, move in enumerate(moves, 1)]
    lengths = [1 + extra for extra in portions(spare, weights)]
    curves = [_curve(shape, length) for shape, length in zip(_SHAPES, lengths, strict=True)]
    spent = sum(move * move * curve.cost >> _CURVE_BITS for move, curve in zip(moves, curves, strict=True))
    swing = _swing(variance - spent, spare)
    points = [open_]
    for place, (move, curve) in enumerate(zip(moves, curves, strict=True)):
        _leg(points, move, curve.shares, swing, bits ^ place, high, low)
    at_first, at_second = lengths[0], lengths[0] + lengths[1]
    return (points, at_second, at_first) if low_first else (points, at_first, at_second)


class _Curve(NamedTuple):
    shares: tuple[int, ...]
    """How much of the leg's move is done after each step."""
    cost: int
    """The sum of the steps' squares: what the curve takes of the variance, for a move of 1."""


@lru_cache(CURVES_CACHED_MAX)
def _curve(shape: tuple[bool, bool], length: int) -> _Curve:
    """The mean way of a leg. A random walk leaves and meets an extreme steeply, like a square root."""
    from_extreme, to_extreme = shape
    whole = 1 << _CURVE_BITS
    shares = []
    for step in range(length + 1):
        leaving = isqrt((step << 2 * _CURVE_BITS) // length)
        meeting = whole - isqrt((length - step << 2 * _CURVE_BITS) // length)
        shares.append((leaving * from_extreme + meeting * to_extreme) // (from_extreme + to_extreme))
    cost = sum((later - earlier) ** 2 for earlier, later in pairwise(shares)) >> _CURVE_BITS
    return _Curve(tuple(shares[1:]), cost)


def _swing(variance: int, steps: int) -> int:
    """The widest step of a noise with this variance over so many steps, in parts of a tick."""
    if variance <= 0 or steps == 0:
        return 0
    return isqrt((_NOISE_TENTHS * variance << 2 * _SUBTICK_BITS) // (10 * steps))


def _leg(points: list[int], move: int, shares: tuple[int, ...], swing: int, key: int, high: int, low: int) -> None:
    """Append the way along a curve, with noise that has gone at its end, reflected where it would leave the range."""
    length = len(shares)
    sums, total, bits = [], 0, 0
    for step in range(length):
        if not step & 3:
            bits = mix(key + (step << 8))
        draw = (bits & 0xFFFF) - 0x8000
        bits >>= 16
        # A square with its sign: tails about as heavy as the normal distribution's.
        total += draw * abs(draw) * swing >> 30
        sums.append(total)
    base = (points[-1] << _SUBTICK_BITS) + (1 << _SUBTICK_BITS - 1)
    for step, share in enumerate(shares):
        noise = sums[step] - total * (step + 1) // length
        price = base + (move * share >> _CURVE_BITS - _SUBTICK_BITS) + noise >> _SUBTICK_BITS
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

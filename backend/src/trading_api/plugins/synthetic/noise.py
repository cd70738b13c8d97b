"""Where sessions open and close: a price level that is a pure function of the calendar date, found without walking.

The level's logarithm is a sum of value-noise octaves: each draws a number at the nodes of its own grid and is straight in
between. Amplitudes grow with the square root of the grid's width, so that returns over any span up to years look like a random
walk's, and the whole reverts to its mean. This is the only floating point in these prices.
"""

import math
from typing import Final

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
OCTAVES: Final = 13
# No grid shares its rhythm with the week, or some weekdays would always be calmer than others.
_FINEST_GRID: Final = 1.0471975511965976
_WIDTHS: Final = tuple(_FINEST_GRID * (1 << octave) for octave in range(OCTAVES))
_PHASES: Final = 64
_HALF: Final = float(1 << 63)
_SQRT_3: Final = 1.7320508075688772


def mix(key: int) -> int:
    """64 well-mixed bits for a key: the one source of chance here."""
    key = (key + _GOLDEN) & _MASK
    key = ((key ^ (key >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    key = ((key ^ (key >> 27)) * 0x94D049BB133111EB) & _MASK
    return key ^ (key >> 31)


def key_of(seed: int, text: str) -> int:
    """A key for a name under a seed."""
    key = mix(seed & _MASK)
    for byte in text.encode():
        key = mix(key ^ byte)
    return key


class Level:
    """The price, in ticks, at each step of a calendar scale."""

    def __init__(self, key: int, *, typical_ticks: int, deviation: float, session_steps: int) -> None:
        """`deviation`: standard deviation of the return over `session_steps` steps."""
        self._typical = typical_ticks
        unit = deviation / math.sqrt(unit_variance(session_steps))
        self._amplitudes = tuple(unit * math.sqrt(width) for width in _WIDTHS)
        self._keys = tuple(mix(key ^ octave) for octave in range(OCTAVES))
        self._nodes: list[tuple[int, float, float]] = [(-1, 0.0, 0.0)] * OCTAVES

    def at(self, step: int) -> int:
        total = 0.0
        for octave in range(OCTAVES):
            place = step / _WIDTHS[octave]
            node = int(place)
            known, left, right = self._nodes[octave]
            if known != node:
                left, right = self._node(octave, node), self._node(octave, node + 1)
                self._nodes[octave] = (node, left, right)
            total += self._amplitudes[octave] * (left + (right - left) * (place - node))
        return max(1, int(self._typical * math.exp(total) + 0.5))

    def _node(self, octave: int, node: int) -> float:
        """Uniform, with mean 0 and variance 1."""
        return (mix(self._keys[octave] + node) / _HALF - 1.0) * _SQRT_3


def unit_variance(steps: int) -> float:
    """The variance of the octaves' change over a number of steps, averaged over the grids' phases."""
    return sum(width * _octave_variance(steps / width) for width in _WIDTHS)


def _octave_variance(span: float) -> float:
    total = 0.0
    for phase in range(_PHASES):
        start = (phase + 0.5) / _PHASES
        weights: dict[int, float] = {}
        for place, sign in ((start, -1.0), (start + span, 1.0)):
            node = int(place)
            weights[node] = weights.get(node, 0.0) + sign * (1.0 - place + node)
            weights[node + 1] = weights.get(node + 1, 0.0) + sign * (place - node)
        total += sum(weight * weight for weight in weights.values())
    return total / _PHASES

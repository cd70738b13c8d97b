"""What the named execution models draw, and that the page about them says the same."""

import random
import re
from decimal import Decimal

import pytest

from fakes_market import an_instrument
from house.tree import ROOT, text_of
from trading_api.core.fill_model import PRESETS, FillModel

PAGE = "docs/topics/execution-models.md"
EURUSD = an_instrument("EURUSD")
BTCUSD = an_instrument("BTCUSD", tick_size="0.01")


def cells(model: FillModel) -> dict[str, str]:
    """A model's parameters as the page writes them."""
    assert model.delay is not None
    least, most = (round(1000 * one) for one in model.delay)
    return {
        "delay": "none" if most == 0 else f"{least} to {most} ms",
        "slipping": f"{model.slipping:.0%}",
        "slippage": "none" if not model.slipping else f"{model.slippage[0]:g} to {model.slippage[1]:g} {model.unit}",
    }


def test_the_page_gives_every_model_s_parameters_as_they_are() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| (.+?) \| (.+?) \|$", text_of(ROOT / PAGE), re.MULTILINE)
    written = {name: {"delay": delay, "slipping": share, "slippage": most} for name, delay, share, most in rows}
    assert written == {name: cells(model) for name, model in PRESETS.items()}


def test_the_page_says_of_every_parameter_where_it_comes_from() -> None:
    text = text_of(ROOT / PAGE)
    for name, model in PRESETS.items():
        if model.delay != (0, 0):
            section = text.partition(f"## `{name}`")[2].partition("\n## ")[0]
            for parameter in ("Delay", "Share that slips", "Slippage"):
                assert f"- **{parameter}**" in section, f"{name}: {parameter}"


def test_ideal_draws_nothing() -> None:
    chance = random.Random(1)
    before = chance.getstate()
    assert PRESETS["ideal"].draw_delay(chance) == 0
    assert PRESETS["ideal"].draw_slippage(chance, EURUSD, Decimal("1.0850")) == 0
    assert chance.getstate() == before


@pytest.mark.parametrize("name", ["retail-fx", "crypto-spot", "us-equity"])
def test_draws_stay_within_the_model_and_reach_its_ends(name: str) -> None:
    model, chance = PRESETS[name], random.Random(7)
    assert model.delay is not None
    delays = [model.draw_delay(chance) for _ in range(5_000)]
    least, most = (1000 * one for one in model.delay)
    assert least <= min(delays) < least + 5 and most - 5 < max(delays) <= most
    instrument, price = (BTCUSD, Decimal(40_000)) if model.unit == "basis points" else (EURUSD, Decimal("1.0850"))
    drawn = [model.draw_slippage(chance, instrument, price) for _ in range(20_000)]
    slipped = [one for one in drawn if one]
    assert len(slipped) / len(drawn) == pytest.approx(model.slipping, abs=0.01)
    step = instrument.tick_size if model.unit == "ticks" else price / 10_000
    ends = [Decimal(str(one)) * step for one in model.slippage]
    assert [min(slipped), max(slipped)] == ends
    assert all(one % instrument.tick_size == 0 for one in drawn)

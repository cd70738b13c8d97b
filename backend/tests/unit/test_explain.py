"""The sentence that says why a fill has its price, rule by rule."""

from decimal import Decimal

import pytest

from trading_api.core.explain import explained
from trading_api.models.broker.executions import Execution, Explanation
from trading_api.models.broker.orders import Side

TICK = Decimal("0.00001")
NOW = 1_704_103_200_123
AT = "2024-01-01 10:00:00.123 UTC"
LIFTED = f"the ask was 1.08510 (bid 1.08500) at {AT}"
SHORT = "at the bid was not enough for all of the order"
HIT = f"the bid was 1.08500 (ask 1.08510) at {AT}"


def a_fill(price: str, *, side: Side = Side.BUY, quantity: str = "10000") -> Execution:
    return Execution.model_validate(
        {
            "id": "x1",
            "order_id": "o1",
            "position_id": "DEMO:EURUSD",
            "symbol": "DEMO:EURUSD",
            "side": side,
            "quantity": quantity,
            "price": price,
            "time": NOW,
            "commission": "0",
            "profit": "0",
        }
    )


def why(rule: str, **more: object) -> Explanation:
    seen = {"quote_time": NOW, "bid": "1.08500", "ask": "1.08510", "rule": rule}
    return Explanation.model_validate(seen | more)


@pytest.mark.parametrize(
    ("fill", "explanation", "text"),
    [
        (a_fill("1.08510"), why("market"), f"Bought 10000 EURUSD at 1.08510: {LIFTED}."),
        (a_fill("1.08500", side=Side.SELL), why("market"), f"Sold 10000 EURUSD at 1.08500: {HIT}."),
        (
            a_fill("1.08510"),
            why("touch", order_price="1.08510"),
            f"Bought 10000 EURUSD at 1.08510: {LIFTED}; that is the order's own price, 1.08510 (touch).",
        ),
        (
            a_fill("1.08510"),
            why("improvement", order_price="1.08530"),
            f"Bought 10000 EURUSD at 1.08510: {LIFTED}; that is 20 ticks better than the limit of 1.08530 (improvement).",
        ),
        (
            a_fill("1.08510"),
            why("gap", order_price="1.08509"),
            f"Bought 10000 EURUSD at 1.08510: {LIFTED}; the stop at 1.08509 had been passed by 1 tick (gap).",
        ),
        (
            a_fill("1.08500", side=Side.SELL, quantity="2500.50"),
            why("market", bid_size="2500.5", ask_size="1", partial=True),
            f"Sold 2500.5 EURUSD at 1.08500: {HIT}; the size of 2500.5 {SHORT} (partial).",
        ),
        (
            a_fill("1.08512"),
            why("gap", order_price="1.08505", slippage="0.00002", delay=180, model="retail-fx"),
            f"Bought 10000 EURUSD at 1.08512: {LIFTED}, and 2 ticks of slippage of the retail-fx model were added "
            "after 180 ms; the stop at 1.08505 had been passed by 5 ticks (gap).",
        ),
        (
            a_fill("1.08510"),
            why("market", delay=180, model="retail-fx"),
            f"Bought 10000 EURUSD at 1.08510: {LIFTED}, after 180 ms on its way (retail-fx model).",
        ),
        (
            a_fill("1.08500", side=Side.SELL),
            why("gap", order_price="1.08520", bid_size="5", partial=True),
            f"Sold 10000 EURUSD at 1.08500: {HIT}; the stop at 1.08520 had been passed by 20 ticks (gap); "
            f"the size of 5 {SHORT} (partial).",
        ),
        (
            a_fill("1.08510"),
            None,
            f"Bought 10000 EURUSD at 1.08510 at {AT}; the record of this fill does not say how its price came about.",
        ),
    ],
)
def test_every_rule_has_its_sentence(fill: Execution, explanation: Explanation | None, text: str) -> None:
    assert explained(fill, explanation, TICK) == text


def test_an_instrument_that_is_gone_leaves_the_distance_in_its_price() -> None:
    text = explained(a_fill("1.08512"), why("gap", order_price="1.08505", slippage="0.00002"))
    assert ", and 0.00002 of slippage were added;" in text
    assert "passed by 0.00005 (gap)" in text


@pytest.mark.parametrize("rule", ["touch", "gap", "improvement"])
def test_a_rule_without_the_order_s_price_is_still_told(rule: str) -> None:
    assert explained(a_fill("1.08510"), why(rule)).endswith((".", "(gap).", "(improvement)."))
    assert "None" not in explained(a_fill("1.08510"), why(rule))

"""The demonstration's strategy. It looks once a quarter of an hour and uses every command; it is not meant to make money.

It follows the last hour: in at the market, then at a limit, then at a stop, in turn, with a take profit and a stop loss.
An order that waits half an hour is moved to the market, after an hour cancelled. A position that is ahead is halved, and its
stop loss moved to the entry; after two hours it is closed.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from demo_cascade import INDENT, SIDES, Cascade, clock
from public_api import Answer, Api

Told = dict[str, Any]  # Any: JSON

QUANTITY = 20_000
TAKE_PROFIT_PIPS = 15
STOP_LOSS_PIPS = 12
ENTRY_PIPS = 3
"""How far from the market a limit or a stop is placed."""
AHEAD_PIPS = 5
MOVE_AFTER, CANCEL_AFTER, CLOSE_AFTER = 2, 4, 8
"""Quarters of an hour."""
LOOK_BACK = 5
ENTRIES = ("market", "limit", "stop")
TYPES = {"limit": 1, "market": 2, "stop": 3}
PRICES = {"limit": "limitPrice", "stop": "stopPrice"}


class Trader:
    def __init__(self, api: Api, cascade: Cascade, account: str, symbol: str, instrument: Told) -> None:
        self._api = api
        self._cascade = cascade
        self._path = f"/broker/accounts/{account}"
        self._symbol = symbol
        self._tick, self._pip = Decimal(str(instrument["minTick"])), Decimal(str(instrument["pipSize"]))
        self._now = 0
        self._entries = 0
        self._age = 0
        self._halved = False

    def quarter(self, now: int) -> None:
        """Look at what there is and act on it, once."""
        self._now = now
        self._age += 1
        entry = next((one for one in self._cascade.orders.values() if "parentId" not in one), None)
        if self._cascade.position:
            self._manage(self._cascade.position)
        elif entry:
            self._chase(entry)
        else:
            self._enter()

    def _enter(self) -> None:
        kind, side = ENTRIES[self._entries % len(ENTRIES)], self._trend()
        order: Told = {"symbol": self._symbol, "type": TYPES[kind], "side": side, "qty": QUANTITY}
        order |= self._prices(kind, side, ENTRY_PIPS)
        self._entries += 1
        self._age, self._halved = 0, False
        order["clientOrderId"] = f"demo-{self._entries}"
        at = f"{kind} at {order[PRICES[kind]]}" if kind in PRICES else "at the market"
        wish = f"take profit {order['takeProfit']}, stop loss {order['stopLoss']}"
        self._command(f"{SIDES[side]} {QUANTITY:,} {at}, {wish}", "POST", "/orders", order)

    def _chase(self, order: Told) -> None:
        kind = "limit" if order["type"] == TYPES["limit"] else "stop"
        if self._age >= CANCEL_AFTER:
            self._command(f"cancel {order['id']}", "DELETE", f"/orders/{order['id']}")
        elif self._age == MOVE_AFTER:
            change = self._prices(kind, order["side"], 1)
            self._command(f"move {order['id']} to {change[PRICES[kind]]}", "PATCH", f"/orders/{order['id']}", change)

    def _manage(self, position: Told) -> None:
        average = Decimal(position["avgPrice"])
        bid, ask = self._quote()
        ahead = (bid - average if position["side"] == 1 else average - ask) / self._pip
        if self._age >= CLOSE_AFTER:
            self._command("close the position", "POST", f"/positions/{position['id']}/close")
        elif ahead >= AHEAD_PIPS and not self._halved:
            self._halved = True
            half = position["qty"] // 2
            self._command(f"close {half:,} of it", "POST", f"/positions/{position['id']}/close", {"amount": half})
            self._protect(self._on_grid(average))

    def _protect(self, price: Decimal) -> None:
        """Move the position's stop loss."""
        for order in self._cascade.orders.values():
            if order.get("bracket") == 2 and order.get("parentType") == 2:
                self._command(f"move {order['id']} to {price}", "PATCH", f"/orders/{order['id']}", {"stopPrice": float(price)})
                return

    def _prices(self, kind: str, side: int, pips: int) -> dict[str, float]:
        """Entry and bracket prices around the market; a limit waits before it, a stop beyond it."""
        bid, ask = self._quote()
        price = (ask if side == 1 else bid) + {"market": 0, "limit": -pips, "stop": pips}[kind] * side * self._pip
        wished = {
            "takeProfit": price + TAKE_PROFIT_PIPS * side * self._pip,
            "stopLoss": price - STOP_LOSS_PIPS * side * self._pip,
        }
        if kind in PRICES:
            wished[PRICES[kind]] = price
        return {name: float(self._on_grid(one)) for name, one in wished.items()}

    def _quote(self) -> tuple[Decimal, Decimal]:
        values = self._api.get(f"/datafeed/quotes?symbols={self._symbol}")["d"][0]["v"]
        return Decimal(str(values["bid"])), Decimal(str(values["ask"]))

    def _trend(self) -> int:
        """Up or down over the last hour."""
        query = f"symbol={self._symbol}&resolution=15&countback={LOOK_BACK}&from=0&to={self._now // 1000 + 1}"
        bars = self._api.get(f"/datafeed/bars?{query}")
        return 1 if bars[-1]["close"] >= bars[0]["close"] else -1

    def _on_grid(self, price: Decimal) -> Decimal:
        return (price / self._tick).quantize(Decimal(1), ROUND_HALF_EVEN) * self._tick

    def _command(self, words: str, method: str, path: str, body: object = None) -> None:
        """Say it, send it, show what came of it."""
        print(f"\n{clock(self._now)}  > {words}")
        answer: Answer = self._api.ask(method, self._path + path, body)
        if answer.status != 200:
            print(f"{INDENT}refused: {answer.sentence}")
        self._cascade.catch_up(asked_for=True)

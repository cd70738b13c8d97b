"""Why a fill has its price, in a trader's words: from what the fact recorded, never worked out again."""

from decimal import Decimal

from trading_api.core.times import moment_text
from trading_api.models.broker.executions import Execution, Explanation
from trading_api.models.broker.orders import Side


def explained(execution: Execution, explanation: Explanation | None, tick: Decimal | None = None) -> str:
    """One sentence. `tick`, where the instrument is still listed, counts distances."""
    name = execution.symbol.partition(":")[2]
    verb = "Bought" if execution.side is Side.BUY else "Sold"
    fill = f"{verb} {_plain(execution.quantity)} {name} at {execution.price:f}"
    if explanation is None:
        return f"{fill} at {moment_text(execution.time)}; the record of this fill does not say how its price came about."
    parts = (_reason(execution.side, explanation, tick), _size(execution.side, explanation))
    clauses = "; ".join(one for one in parts if one)
    return f"{fill}: {_quote(execution.side, explanation)}{_added(explanation, tick)}{clauses and '; ' + clauses}."


def _quote(side: Side, why: Explanation) -> str:
    seen, beside = (("ask", why.ask), ("bid", why.bid))[:: side.value]
    return f"the {seen[0]} was {seen[1]:f} ({beside[0]} {beside[1]:f}) at {moment_text(why.quote_time)}"


def _added(why: Explanation, tick: Decimal | None) -> str:
    model = f" of the {why.model} model" if why.model else ""
    late = f" after {why.delay} ms" if why.delay else ""
    if why.slippage:
        distance = _distance(why.slippage, tick)
        return f", and {distance} of slippage{model} {'was' if distance == '1 tick' else 'were'} added{late}"
    return f",{late} on its way" + (f" ({why.model} model)" if why.model else "") if late else ""


def _reason(side: Side, why: Explanation, tick: Decimal | None) -> str:
    own, seen = why.order_price, why.ask if side is Side.BUY else why.bid
    if why.rule == "market":
        return ""
    if own is None:
        return {"touch": "the order's own price was touched", "gap": "its stop had been passed by (gap)"}.get(
            why.rule, "the quote was better than its limit (improvement)"
        )
    if why.rule == "touch":
        return f"that is the order's own price, {own:f} (touch)"
    away = _distance(abs(seen - own), tick)
    if why.rule == "gap":
        return f"the stop at {own:f} had been passed by {away} (gap)"
    return f"that is {away} better than the limit of {own:f} (improvement)"


def _size(side: Side, why: Explanation) -> str:
    if not why.partial:
        return ""
    name, size = ("ask", why.ask_size) if side is Side.BUY else ("bid", why.bid_size)
    shown = f" of {_plain(size)}" if size is not None else ""
    return f"the size{shown} at the {name} was not enough for all of the order (partial)"


def _distance(price: Decimal, tick: Decimal | None) -> str:
    if tick is None or price % tick:
        return f"{price:f}"
    ticks = int(price / tick)
    return f"{ticks} {'tick' if ticks == 1 else 'ticks'}"


def _plain(value: Decimal) -> str:
    """Without the zeros that only say how it was written."""
    return f"{value.normalize():f}"

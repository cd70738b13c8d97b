"""Contract 4.8 to 4.10: quotes, depth, bars of a broker, mapping."""

from itertools import pairwise

from trading_api.conformance.bars import sample
from trading_api.conformance.broker import Broker
from trading_api.conformance.catalogue import BROKER, check
from trading_api.conformance.shapes import (
    BOOLEAN,
    LIST,
    NAME,
    NUMBER,
    OBJECT,
    POSITIVE,
    TEXT,
    Json,
    Kind,
    NotApplicable,
    expect,
    fields,
    needed,
    one_of,
    rows,
    shown,
)


@check(BROKER, section="4.8", rule="Quotes come one a symbol, n as it was asked for; an unknown symbol is an error of its own")
async def quotes_names(broker: Broker) -> None:
    names = [one["name"] for one in await broker.instruments() if one.get("hasQuotes") is not False][:4]
    if not names:
        raise NotApplicable("no instrument has quotes")
    asked = {"accountId": (await broker.account())["id"], "symbols": ",".join(names)}
    found = [row["n"] for row in rows(await broker.payload("/quotes", asked), "d of /quotes", {"n": TEXT})]
    expect(found == names, f"expected n {shown(names)}, found {shown(found)}")


@check(BROKER, section="4.8", rule="A quote has ask and bid above 0, ask not below bid, and both pip values or none")
async def quotes_values(broker: Broker) -> None:
    name, account = (await broker.instrument())["name"], (await broker.account())["id"]
    found = await broker.payload("/quotes", {"accountId": account, "symbols": name})
    expect(isinstance(found, list) and bool(found), f"expected a quote of {name}, found {shown(found)}")
    quote = fields(found[0], f"the quote of {name}", {"s": one_of(("ok",)), "v": OBJECT})
    flags = dict.fromkeys(("hardToBorrow", "notShortable", "halted"), BOOLEAN)
    pips = dict.fromkeys(("buyPipValue", "sellPipValue"), POSITIVE)
    values = fields(quote["v"], f"v of {name}", {"ask": POSITIVE, "bid": POSITIVE}, {**pips, **flags})
    expect(values["ask"] >= values["bid"], f"expected ask not below bid, found {shown(values)}")
    expect(len(pips.keys() & values.keys()) != 1, f"expected both pip values or none, found {shown(values)}")


@check(BROKER, section="4.8", rule="Depth is asks and bids of [price, volume], both ascending by price, asks above bids")
async def depth_ascending(broker: Broker) -> None:
    await broker.need_flag("supportLevel2Data")
    asked = {"accountId": (await broker.account())["id"], "symbol": (await broker.instrument())["name"]}
    depth = fields(await broker.payload("/depth", asked), "d of /depth", {"asks": LIST, "bids": LIST})
    for side in ("asks", "bids"):
        for level in depth[side]:
            pair = isinstance(level, list) and len(level) == 2 and all(NUMBER.holds(one) for one in level)
            expect(pair, f"expected [price, volume] in {side}, found {shown(level)}")
        prices = [price for price, _ in depth[side]]
        expect(all(a < b for a, b in pairwise(prices)), f"expected {side} to ascend, found {shown(prices)}")
    crossed = depth["asks"] and depth["bids"] and depth["asks"][0][0] < depth["bids"][-1][0]
    expect(not crossed, "expected the best ask not below the best bid")


async def _mapping(broker: Broker) -> Json:
    answer = await broker.wire.get("/mapping", token=None)
    if answer.status == 404:
        raise NotApplicable("the broker maps no symbols: /mapping is 404")
    expect(answer.status == 200, f"expected status 200 from /mapping without a token, found {answer.status}")
    return answer.json()


@check(BROKER, section="4.2", rule="/mapping is answered without a token")
async def mapping_without_token(broker: Broker) -> None:
    await _mapping(broker)


@check(BROKER, section="4.10", rule="/mapping has no envelope: fields, and symbols of one f each and s as PREFIX:SYMBOL")
async def mapping_fields(broker: Broker) -> None:
    with needed("/mapping"):
        body = await _mapping(broker)
    fields(body, "/mapping", {"symbols": LIST, "fields": LIST})
    expect(body["fields"] == ["brokerSymbol"], f'expected fields ["brokerSymbol"], found {shown(body["fields"])}')
    theirs = Kind("PREFIX:SYMBOL", lambda value: isinstance(value, str) and len(value.split(":")) == 2)
    for row in rows(body["symbols"], "symbols of /mapping", {"f": LIST, "s": theirs}):
        expect(len(row["f"]) == 1 and NAME.holds(row["f"][0]), f"expected one symbol in f, found {shown(row)}")


@check(BROKER, section="4.10", rule="Instruments are mapped, all of them")
async def mapping_covers_instruments(broker: Broker) -> None:
    with needed("/mapping"):
        body = fields(await _mapping(broker), "/mapping", {"symbols": LIST})
        mapped = {str(row["f"][0]) for row in rows(body["symbols"], "symbols", {"f": LIST}) if row["f"]}
    missing = [one["name"] for one in await broker.instruments() if one["name"] not in mapped]
    expect(not missing, f"expected every instrument in /mapping, found {shown(missing)} absent")


@check(BROKER, section="4.9", rule="Minutes in which nothing was traded are left out, unless bar-fillgaps says otherwise")
async def history_zero_volume(broker: Broker) -> None:
    if True in await broker.cells("bar-fillgaps"):
        raise NotApplicable("bar-fillgaps says that gaps are filled")
    bars = [bar for bar in await sample(broker) if bar.volume is not None]
    if not any(bar.volume for bar in bars):
        raise NotApplicable("needs bars with volume")
    empty = [bar.time for bar in bars if not bar.volume]
    expect(not empty, f"expected no bar without volume, found them at {shown(empty)}")

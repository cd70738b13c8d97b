"""The table's rows, in its order."""

from functools import partial

from bench.engine_row import engine
from bench.history_row import history
from bench.holding_rows import memory, start
from bench.order_rows import fill, placing
from bench.page_rows import first_paint, frame_rate
from bench.sockets_rows import fan_out, joined, one_that_does_not_read
from bench.table import Limit, Row

ROWS = (
    Row("fan-out-100", "frames delivered to 100 readers, against FastWS as released", Limit(1.7, 2.2), partial(fan_out, 100)),
    Row("fan-out-1000", "frames delivered to 1,000 readers, against FastWS as released", Limit(4, 5), partial(fan_out, 1_000)),
    Row("joined", "ten updates per loop turn, 1,000 readers, against one per turn", Limit(5, 7), joined),
    Row(
        "stalled",
        "the others' rate with one reader not reading, for a minute",
        Limit(0.97, 0.99, unit=""),
        one_that_does_not_read,
    ),
    Row(
        "orders",
        "placing orders durably, cascade published, 32 connections, against an empty POST",
        Limit(0.6, 1.0, unit=""),
        placing,
    ),
    Row(
        "fill",
        "order to fill frame on the socket, p50, against one SQLite FULL commit of the same row",
        Limit(4, 2, up=False),
        fill,
    ),
    Row("history", "5,000 bars of history against default encoding", Limit(25, 45), history),
    Row("memory", "memory per idle subscriber at 1,000", Limit(40, 30, up=False, unit="KB"), memory, "machine"),
    Row(
        "start-snapshot",
        "start to ready with 100,000 facts, with snapshot",
        Limit(2, 1, up=False, unit="s"),
        partial(start, snapshot=True),
        "machine",
    ),
    Row(
        "start",
        "start to ready with 100,000 facts, without snapshot",
        Limit(6, 4, up=False, unit="s"),
        partial(start, snapshot=False),
        "machine",
    ),
    Row(
        "engine",
        "engine and ledger in process, inputs per second, 90 % ticks and 10 % commands, with full rules",
        Limit(60_000, 150_000, unit="/s"),
        engine,
        "machine",
    ),
    Row(
        "page",
        "first useful paint of the terminal, warm server, cold browser cache",
        Limit(3, 1.5, up=False, unit="s"),
        first_paint,
        "machine",
    ),
    Row(
        "frames",
        "the terminal's frames under 200 quotes a second, against quotes paused",
        Limit(0.9, 0.98, unit=""),
        frame_rate,
    ),
)

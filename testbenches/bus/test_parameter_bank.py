"""Bench of `bus.parameter_bank`: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.bus.parameter_bank import CORE, Command, Params, Status
from spikelock.models.core import Configuration
from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Records, Register
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.bus.parameter_bank_bugs import BUGS
from spikelock.testbenches.bus.parameter_host import requests
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values

DEFAULT = Params()
WIDE = Params(
    (
        ("long", Register(unsigned(64), 0xDEAD_BEEF_0000_0001, "as long as a value can be")),
        ("signed", Register(signed(64), -5, "as long, and signed")),
        ("middle", Register(signed(33), 1 << 31, "one bit more than a word")),
        ("short", Register(unsigned(31), 3, "one bit less than a word")),
        ("least", Register(signed(1), -1, "0 or −1")),
    ),
    bank=0x8000_0003,
    count_width=2,
)

CASES = [Case("default", DEFAULT, requests(DEFAULT)), Case("wide", WIDE, requests(WIDE))]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row a request. latched: kinds of traps that are latched. full: the count is at its largest value.

    since: writes since the last other request that was done.
    """
    request, answer = inputs["request"], outputs["answer"]
    done = answer["status"] == Status.DONE
    written = done & (request["command"] == Command.WRITE)
    here, total = np.arange(len(done)), np.cumsum(written)
    other = np.maximum.accumulate(np.where(done & ~written, here, 0))
    return {
        "command": request["command"],
        "status": answer["status"],
        "latched": sum((answer["traps"] >> kind & 1 for kind in range(7)), np.zeros(len(done), np.int64)),
        "full": answer["count"] == 2**params.count_width - 1,
        "since": total - np.concatenate([[0], total[other]])[:-1],
        "long": written & (request["high"] != 0),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    done = Point("done", {c.name.lower(): _done(c) for c in Command})
    latched = Point(
        "traps latched",
        {
            "none": lambda t: t["latched"] == 0,
            "one": lambda t: t["latched"] == 1,
            "more": lambda t: t["latched"] > 1,
        },
    )
    written = Point("writes before", {"one": lambda t: t["since"] == 1, "more": lambda t: t["since"] > 1})
    dropped = Point("drops", {c.name.lower(): _done(c) for c in (Command.ROLLBACK, Command.BEGIN)})
    applied = Point("applies", {"apply": _done(Command.APPLY)})
    return CoverGroup(
        "bus.parameter_bank",
        [
            values("status", "status", *Status),
            cross(done, latched, impossible={("clear", n): "it clears them" for n in ("one", "more")}),
            cross(applied, written),
            cross(dropped, written),
            Point("count", {"at its largest": lambda t: t["full"]}),
            Point("value", {"longer than a word": lambda t: t["long"]}),
        ],
    )


def _done(command: Command) -> Any:
    return lambda t: (t["command"] == command) & (t["status"] == Status.DONE)


ONE_AT_A_TIME = "a request is answered before the next is taken"
APART: Mapping[tuple[str, ...], str] = {
    ("back to back", "at once"): ONE_AT_A_TIME,
    ("back to back", "stalled"): ONE_AT_A_TIME,
}
BENCH = Bench(
    CORE,
    CASES,
    coverage,
    observe,
    impossible=dict.fromkeys(("answer", "applied"), APART),
    bugs=BUGS,
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)

"""Bench of `aer.router`, split by inputs: what is tried on it, and what that must reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pytest

from spikelock.models.aer.router import CORE, Params, counters, fate
from spikelock.models.core import Configuration
from spikelock.models.fabric.tile import Kind
from spikelock.models.ports import Records, RegisterMap, load_records
from spikelock.rtl.aer.router import Split
from spikelock.testbenches.aer.channels import random_channel
from spikelock.testbenches.aer.router_bugs import BUGS
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage, skipped_without_tools
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, cross, values
from spikelock.testbenches.lockstep import Job, Model, build
from spikelock.testbenches.pytest_plugin import Size


def random_table(params: Params, random: np.random.Generator) -> dict[str, Records]:
    """Entries of any generality that hide each other in part, some of them not used."""
    size = params.entries
    mask = random.integers(0, 1 << params.key_width, size) | random.integers(0, 1 << params.key_width, size)
    key = random.integers(0, 1 << params.key_width, size) & mask
    used = random.random(size) < 0.7
    ports = random.integers(0, 1 << params.ports, size)
    return {"table": params.table["table"].layout.records(used, key, mask, ports)}


def case(name: str, params: Params, *entries: tuple[int, int, int]) -> Case:
    """Random events for every input; a table of keys, masks and outputs, of which one goes to all."""

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        return {"input": random_channel(params.event, size, random)}

    return Case(
        name,
        params,
        stimulus,
        memories={"table": params.table["table"].layout.from_tuples((1, *entry) for entry in entries)},
        contents=partial(random_table, params),
    )


TWO_LINKS = Params(2, 2, entries=4, key_width=5, payload_width=4, queue=2, split=True)
FOUR_LINKS = Params(4, 1, entries=3, key_width=4, payload_width=4, queue=3, split=True)

CASES = [
    case(
        "two-links", TWO_LINKS, (0, 0b11000, 0b1111), (0b01000, 0b01100, 0b0101), (0b10000, 0b10010, 0b1010)
    ),
    case("four-links", FOUR_LINKS, (0, 0b1100, 0b11111), (0b0100, 0b0110, 0b10110)),
]


def settings(registers: RegisterMap, random: np.random.Generator) -> Mapping[str, int]:
    """Any turns, but one at least between living ports, so that something leaves; now and then dead links."""
    names = [name for name in registers if name != "dead"]
    turns = [int(random.integers(0, registers[name].q.maximum + 1)) for name in names]
    dead = int(random.integers(registers["dead"].q.maximum + 1)) if random.random() < 0.4 else 0
    source, out = random.choice([n for n in range(len(names)) if not dead >> n & 1], 2)
    turns[source] |= 1 << int(out)
    return {**dict(zip(names, turns, strict=True)), "dead": dead}


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """One row an event but marks: its kind, whether it came by a link, what decided, and its copies."""
    events = inputs["input"]
    events = events[events["kind"] != Kind.TICK]
    source = events["payload"] % (1 << (params.ports - 1).bit_length())
    events, source = events[source < params.ports], source[source < params.ports]
    table = configuration.memories["table"]
    hit = (events["address"][:, np.newaxis] & table["mask"] == table["key"]) & (table["used"] == 1)
    fates = [
        fate(params, configuration, *pair)
        for pair in zip(source.tolist(), events["address"].tolist(), strict=True)
    ]
    return {
        "kind": events["kind"],
        "link": source < params.links,
        "matching": hit.sum(axis=1),
        "first": hit.argmax(axis=1) == 0,
        "copies": np.array([len(one.leaves) for one in fates]),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    kinds = Point("kind", {kind.name: lambda t, k=kind: t["kind"] == k for kind in Kind if kind != Kind.TICK})
    by = values("by a link", "link", 0, 1)
    decided = Point(
        "decided by",
        {
            "the first entry": lambda t: (t["matching"] > 0) & t["first"],
            "a later entry": lambda t: (t["matching"] > 0) & ~t["first"],
            "one of several": lambda t: t["matching"] > 1,
            "no entry": lambda t: t["matching"] == 0,
        },
    )
    copies = Point(
        "copies",
        {
            "none": lambda t: t["copies"] == 0,
            "one": lambda t: t["copies"] == 1,
            "several": lambda t: t["copies"] > 1,
        },
    )
    return CoverGroup("aer.router", [cross(by, kinds), cross(by, decided), copies])


BENCH = Bench(
    CORE, CASES, coverage, observe, settings=settings, bugs=BUGS, silence=200, only_long=["netlist-ice40"]
)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)


def test_six_links(size: Any) -> None:
    if size is Size.SHORT:
        pytest.skip("seven outputs, each split by seven inputs, take long to build: run with --size long")
    params = Params(6, 1, entries=2, key_width=3, payload_width=4, queue=1, split=True)
    one = case("six-links", params, (0, 0b100, 0b1111111), (0b100, 0b110, 0b1010010))
    require(BENCH, one, "rtl", Size.SHORT)


def test_what_is_not_sent_is_counted() -> None:
    params, random = TWO_LINKS, np.random.default_rng(5)
    events = random_channel(params.event, 2_000, random)
    component = Split(params, counted=True)
    ports = {**CORE.outputs(params), "counters": counters(params)}
    configuration = CORE.configuration(
        params, {"turns1": 0b0110, "turns2": 0b0111, "dead": 0b01}, CASES[0].memories
    )
    expected: Counter[str] = Counter()
    for kind, address, payload in events.tolist():
        if kind != Kind.TICK:
            found = fate(params, configuration, payload % params.ports, address)
            expected.update({"unroutable": found.unroutable, "forbidden": found.forbidden})
            expected.update(f"lost{link}" for link in found.lost)
    with skipped_without_tools(), Model(build(component, CORE.pins(params), ports)) as model:
        model.run(
            Job(
                {"load": load_records(params.table, configuration.memories)},
                levels={"registers": configuration.registers},
            )
        )
        response = model.run(Job({"input": events}))
    last = response.final["counters"]
    assert {name: int(last[name][0]) for name in last.dtype.names or ()} == {**expected, "lost1": 0}
    assert min(expected.values()) > 50

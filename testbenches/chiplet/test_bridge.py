"""Bench of `chiplet.bridge`: two of them, joined by lanes that change, die and stand still."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikelock.models.chiplet.bridge import CORE, Fault, Params, Role
from spikelock.models.core import Configuration
from spikelock.models.ports import Records
from spikelock.testbenches.bench import Bench, Case, Impossible, Stimulus
from spikelock.testbenches.bench_tests import parametrise, require, require_coverage
from spikelock.testbenches.chiplet.bridge_bugs import BUGS
from spikelock.testbenches.functional_coverage import Columns, CoverGroup, Point, values

LONG = 128
"""Beats of a fault after which a line is taken for dead."""

LENGTHS = (3, 20, 50, LONG + 60)
"""Of faults, in beats, but for those that change some."""


def words_and_faults(params: Params, every: int) -> Stimulus:
    """Words both ways, while the line does its worst.

    every: beats between two faults, on average; 0: there are none, and words come as fast as they can.
    """
    ports = CORE.inputs(params)
    wires = ports["faults_to_east"].fields["flips"].width

    def line(random: np.random.Generator, size: int) -> Records:
        kind = random.choice(len(Fault), size, p=[0.8, 0.05, 0.05, 0.1])
        change = kind == Fault.CHANGE
        length = np.where(change, random.integers(1, 4, size), random.choice(LENGTHS, size))
        one = 1 << random.integers(0, wires, size)
        flips = np.where(random.random(size) < 0.5, one, random.integers(1, 1 << wires, size))
        return ports["faults_to_east"].records(kind, random.integers(0, 2 * every + 1, size), length, flips)

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        count = size // 4 if every else 0
        return {
            "to_east": ports["to_east"].records(random.integers(0, 1 << params.width, size)),
            "to_west": ports["to_west"].records(random.integers(0, 1 << params.width, size)),
            "faults_to_east": line(random, count),
            "faults_to_west": line(random, count),
        }

    return stimulus


def late_acknowledgements(params: Params) -> Stimulus:
    """Words both ways; again and again the line to the west stands still for as long as a window takes.

    So acknowledgements heap up, and a flit acknowledges the whole window. The words to the east end first,
    and then nothing more is to be sent there.
    """
    ports, beats = CORE.inputs(params), params.framing.beats

    def stimulus(random: np.random.Generator, size: int) -> Mapping[str, Records]:
        count = size // 3
        after, length = random.integers(2 * beats, 3 * beats, count), random.integers(1, beats // 2, count)
        stops = np.full(count, Fault.STOP), after, params.window * beats + length, np.zeros(count, int)
        return {
            "to_east": ports["to_east"].records(random.integers(0, 1 << params.width, size // 2)),
            "to_west": ports["to_west"].records(random.integers(0, 1 << params.width, size)),
            "faults_to_east": ports["faults_to_east"].records(*(np.zeros(0, int) for _ in stops)),
            "faults_to_west": ports["faults_to_west"].records(*stops),
        }

    return stimulus


WHOLE = Params(
    Role.JOINED,
    width=8,
    lanes=8,
    window=4,
    depth=4,
    number_bits=4,
    timeout=100,
    silence=60,
    training=3,
    counter_bits=4,
)
FEWEST = Params(
    Role.JOINED,
    width=3,
    lanes=8,
    window=2,
    depth=1,
    number_bits=2,
    timeout=60,
    silence=50,
    training=2,
    scrambled=False,
    protected=False,
    counter_bits=3,
)

ONE = "the queue has one place"
ONE_PLACE: Impossible = {
    name: {("back to back", passing): ONE for passing in ("at once", "stalled")}
    for name in ("at_east", "at_west")
}
CASES = [
    Case("whole", WHOLE, words_and_faults(WHOLE, 50)),
    Case("fewest-numbers", FEWEST, words_and_faults(FEWEST, 30), impossible=ONE_PLACE),
    Case("unharmed", WHOLE, words_and_faults(WHOLE, 0)),
    Case("late-acknowledgements", WHOLE, late_acknowledgements(WHOLE)),
    Case("fewest-unharmed", FEWEST, words_and_faults(FEWEST, 0), impossible=ONE_PLACE),
]


def observe(
    params: Params,
    configuration: Configuration,
    inputs: Mapping[str, Records],
    outputs: Mapping[str, Records],
) -> Columns:
    """What the line did."""
    east, west = inputs["faults_to_east"], inputs["faults_to_west"]
    both = np.concatenate([east, west])
    wires = int(both["flips"].max(initial=0)).bit_length()
    return {
        "kind": both["kind"],
        "long": both["length"] > LONG,
        "at_once": both["after"] == 0,
        "late": np.digitize(both["length"] // params.framing.beats, (1, params.window)),
        "frame": both["flips"] >> max(0, wires - 1) & 1,
        "single": np.array([int(flips).bit_count() == 1 for flips in both["flips"]], bool),
    }


def coverage() -> CoverGroup:
    """What the cases must reach between them."""
    kinds = {fault.name.lower(): int(fault) for fault in Fault}
    return CoverGroup(
        "chiplet.bridge",
        [
            Point("fault", {name: lambda t, v=v: t["kind"] == v for name, v in kinds.items()}),
            Point(
                "long",
                {
                    name: lambda t, v=v: (t["kind"] == v) & t["long"]
                    for name, v in kinds.items()
                    if name != "change"
                },
            ),
            Point(
                "acknowledgements that a stop holds back",
                {
                    name: lambda t, i=i: (t["kind"] == Fault.STOP) & (t["late"] == i)
                    for i, name in enumerate(("none", "some", "a whole window"))
                },
            ),
            values("right after another", "at_once", 0, 1),
            values("frame", "frame", 0, 1),
            values("one wire", "single", 0, 1),
        ],
    )


BENCH = Bench(CORE, CASES, coverage, observe, silence=3000, bugs=BUGS)


def pytest_generate_tests(metafunc: Any) -> None:
    parametrise(metafunc, BENCH)


def test_level_equals_reference(case: Case, level: str, size: Any) -> None:
    require(BENCH, case, level, size)


def test_everything_is_reached() -> None:
    require_coverage(BENCH)

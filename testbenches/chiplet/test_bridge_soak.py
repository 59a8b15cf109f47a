"""Two dies with clocks of their own, and bad lanes: no word is wrong, lost, doubled or swapped."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pytest

from spikelock.formal.chiplet.bridge_mutants import NUMBER_NOT_CHECKED, UNCHECKED
from spikelock.models.chiplet.bridge import Params
from spikelock.models.mutant import Mutant
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.lockstep import BURSTS, Built, Clock, Job, Model, Response, build
from spikelock.testbenches.pytest_plugin import Size

PARAMS = Params(width=8, lanes=8, window=8, depth=8, number_bits=5, timeout=600, silence=400, training=4)
AT_ONCE = 20_000
"""Words of one job, in each direction."""

FLITS = 10_000_000
"""Of a long run, in all."""

WIRES = 8 + 5 + 1
UNIT = 1 << 24


def errors(rate: float) -> int:
    """The rate at which wires are drawn, two a beat, so that each bit is wrong as often as said."""
    return round(rate * WIRES / 2 * UNIT)


KINDS: Mapping[str, Mapping[str, int]] = {
    "no errors": {},
    "1e-6": {"bit_errors": errors(1e-6)},
    "1e-5": {"bit_errors": errors(1e-5)},
    "1e-4": {"bit_errors": errors(1e-4)},
    "1e-3": {"bit_errors": errors(1e-3)},
    "1e-2": {"bit_errors": errors(1e-2)},
    "bursts": {"bursts": UNIT // 500},
    "stops": {"stops": UNIT // 500},
    "all": {"bit_errors": errors(1e-3), "bursts": UNIT // 2000, "stops": UNIT // 2000},
}
CLOCKS: Mapping[str, tuple[Clock, Clock]] = {
    "1:1": (Clock(1), Clock(1)),
    "1:5": (Clock(1), Clock(5, 2)),
    "5:1": (Clock(5), Clock(1)),
    "3:2": (Clock(3), Clock(2, 1)),
    "drift": (Clock(1000), Clock(1003, 1)),
}
RUNS = [(kind, clocks) for kind in KINDS for clocks in CLOCKS]


@cache
def built(mutant: Mutant | None = None) -> Built:
    """The hardware, with a broken end in the east if there is a mutant."""
    from spikelock.testbenches.chiplet.noisy_bridges import NoisyBridges

    east = mutant and mutant.component("chiplet.bridge", PARAMS, on_lanes=True)
    pair = NoisyBridges(PARAMS, east)
    return build(pair, pair.inputs, pair.outputs)


def opened(clocks: str, mutant: Mutant | None = None) -> Model:
    west, east = CLOCKS[clocks]
    model = Model(built(mutant), clocks={"west": west, "east": east})
    model.run(Job(levels=rates(model, {}), resets=(0,), reset_length=4, drain=4))
    return model


def rates(model: Model, chosen: Mapping[str, int]) -> dict[str, Mapping[str, int]]:
    return {"rates": dict.fromkeys(model.built.inputs["rates"].fields, 0) | dict(chosen)}


def carry(model: Model, chosen: Mapping[str, int], words: int, seed: int = 0) -> Response:
    """So many words each way, of which the receivers stall some, and with an odd seed the senders, too."""
    random = np.random.default_rng(seed)
    sent = {
        name: model.built.inputs[name].records(random.integers(0, 1 << PARAMS.width, words))
        for name in ("to_east", "to_west")
    }
    expected = {"at_east": sent["to_east"], "at_west": sent["to_west"]}
    stalls = dict.fromkeys([*expected, *(sent if seed % 2 else ())], BURSTS)
    return model.run(
        Job(sent, expected, levels=rates(model, chosen), stalls=stalls, seed=seed, patience=200_000)
    )


def soak(model: Model, chosen: Mapping[str, int], flits: int) -> tuple[dict[str, int], Response]:
    """Words both ways until so many flits were sent, or something is wrong.

    Returns what was counted in all, the words that came among it, and the last run.
    """
    widths = {name: q.width for name, q in model.built.outputs["counts"].fields.items()}
    total, before = dict.fromkeys((*widths, "words"), 0), dict.fromkeys(widths, 0)
    words, seed = min(AT_ONCE, flits // 4), 0
    while True:
        response = carry(model, chosen, words, seed)
        for name, width in widths.items():
            now = int(response.final["counts"][name][0])
            total[name] += (now - before[name]) % (1 << width)
            before[name] = now
        if not response.ok:
            return total, response
        total["words"] += 2 * words
        if total["flits"] >= flits:
            return total, response
        seed += 1


@pytest.mark.parametrize(("kind", "clocks"), RUNS, ids=[f"{kind}, {clocks}" for kind, clocks in RUNS])
def test_nothing_is_wrong_lost_or_doubled(
    kind: str, clocks: str, size: Size, record_property: Callable[[str, object], None]
) -> None:
    with skipped_without_tools(), opened(clocks) as model:
        counts, response = soak(model, KINDS[kind], size.pick(3000, FLITS // len(RUNS)))
    record_property("counts", json.dumps({"kind": kind, "clocks": clocks, **counts}))
    assert response.ok, response.problems
    if kind == "no errors":
        assert counts["faults"] == counts["dropped"] == counts["replays"] == counts["ignored"] == 0
    if kind in ("1e-2", "bursts", "stops", "all"):
        assert all(counts[name] for name in ("faults", "dropped", "replays")), counts


@pytest.mark.parametrize("clocks", ["1:1", "5:1", "drift"])
@pytest.mark.parametrize("dead", [("dead_to_east",), ("dead_to_east", "dead_to_west")])
def test_a_dead_line_is_reported_in_time_and_loses_nothing(dead: tuple[str, ...], clocks: str) -> None:
    """The end to which it is dead says so after `silence` cycles of its clock, and what is on its way."""
    on_its_way = 20
    with skipped_without_tools(), opened(clocks) as model:
        before = carry(model, {}, 200)
        assert before.ok, before.problems
        assert all(before.final[f"{die}_status"]["up"][0] for die in ("east", "west"))
        west = model.built.inputs["to_east"].records(np.arange(4))
        job = Job(
            {"to_east": west},
            levels=rates(model, dict.fromkeys(dead, 1)),
            counts={"at_east": 0, "at_west": 0},
            watch=True,
            drain=40 * PARAMS.silence,
        )
        while_dead = model.run(job)
        went_down = int(np.argmin(while_dead.levels["east_status"]["up"]))
        assert 0 < went_down <= PARAMS.silence + on_its_way
        for die in ("east", "west"):
            assert while_dead.levels[f"{die}_status"]["up"][-1] == 0, f"{die} does not say that it is dead"
        assert while_dead.final["west_status"]["outstanding"][0] == 4, (
            "the words that are lost, if it stays dead"
        )
        assert not len(while_dead.outputs["at_east"])
        again = model.run(Job({}, {"at_east": west}, levels=rates(model, {}), patience=200_000))
        assert again.ok, again.problems
        after = carry(model, {}, 200, seed=1)
        assert after.ok, after.problems


@pytest.mark.parametrize("mutant", [NUMBER_NOT_CHECKED, UNCHECKED], ids=lambda m: m.breaks)
def test_control_a_broken_bridge_is_caught(mutant: Mutant) -> None:
    with skipped_without_tools(), opened("drift", mutant) as model:
        _, response = soak(model, KINDS["1e-2"], 5000)
    assert not response.ok

"""A long run over a bad line of bytes: whatever is done to frames, nothing is wrong, lost or doubled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from spikelock.formal.link.endpoint_mutants import NUMBER_NOT_CHECKED, STALE_ACKNOWLEDGEMENT
from spikelock.models.link.endpoint import Params, Role, packets
from spikelock.models.mutant import Mutant
from spikelock.models.ports import Records
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.lockstep import Built, Job, Model, Response, build
from spikelock.testbenches.pytest_plugin import Size

PARAMS = Params(longest=20, timeout=600)
AT_ONCE = 20_000
"""Packets of one job, in each direction."""

KINDS = {
    "none": {},
    "bit_errors": {"bit_errors": 200},
    "loss": {"loss": 6000},
    "duplication": {"duplication": 20_000},
    "reordering": {"reordering": 12_000},
    "truncation": {"truncation": 200},
    "stalls": {"stalls": 12_000},
    "disconnects": {"disconnects": 10},
    "all": {
        "bit_errors": 40,
        "loss": 2000,
        "duplication": 4000,
        "reordering": 4000,
        "truncation": 40,
        "stalls": 2000,
        "disconnects": 4,
    },
}
"""Rates of faults, in 1/65,536 of frames or of bytes."""


def random_packets(random: np.random.Generator, count: int) -> Records:
    """Packets of 1 to 20 bytes, of which many are 0."""
    lengths = random.integers(1, PARAMS.longest + 1, count)
    last = np.zeros(int(lengths.sum()), np.int64)
    last[np.cumsum(lengths) - 1] = 1
    zeros = random.random(len(last)) < 0.3
    return packets(PARAMS).records(np.where(zeros, 0, random.integers(0, 256, len(last))), last)


def soak(model: Model, rates: Mapping[str, int], frames: int) -> tuple[int, Response]:
    """Packets both ways until so many frames were sent, or something is wrong; how many, and the last run."""
    random = np.random.default_rng(frames)
    levels = {"rates": dict.fromkeys(model.built.inputs["rates"].fields, 0) | dict(rates)}
    while True:
        count = min(AT_ONCE, frames)
        sent = {"to_board": random_packets(random, count), "to_host": random_packets(random, count)}
        expected = {"at_board": sent["to_board"], "at_host": sent["to_host"]}
        response = model.run(Job(sent, expected, levels=levels, patience=200_000))
        total = int(response.final["counts"]["frames"][0])
        if not response.ok or total >= frames:
            return total, response


@cache
def built(mutant: Mutant | None = None) -> Built:
    """The hardware, with a broken board if there is a mutant."""
    from spikelock.testbenches.link.noisy_line import NoisyLink

    params = replace(PARAMS, role=Role.BOARD)
    link = NoisyLink(PARAMS, mutant and mutant.component("link.endpoint", params))
    return build(link, link.inputs, link.outputs)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wrong_lost_or_doubled(kind: str, size: Size) -> None:
    with skipped_without_tools(), Model(built()) as model:
        frames, response = soak(model, KINDS[kind], size.pick(3000, 1_000_000))
    final = response.final["counts"]
    counts = {name: int(final[name][0]) for name in final.dtype.fields or ()}
    print(kind, counts)  # shown by -rP
    assert response.ok, response.problems
    assert frames == counts["frames"]
    happened = {name for name in model.built.inputs["rates"].fields if counts[name]}
    assert happened == set(KINDS[kind]), "these faults happened, and no others"
    if kind == "none":
        assert counts["ignored"] == 1, "the host's question for the session changes nothing; all else does"
    sent_again, dropped = counts["replays"] > 0, counts["dropped"] > 0
    assert sent_again == (kind not in ("none", "stalls", "duplication"))
    assert dropped == (kind in ("bit_errors", "truncation", "disconnects", "all")), "frames came spoiled"


@pytest.mark.parametrize("mutant", [NUMBER_NOT_CHECKED, STALE_ACKNOWLEDGEMENT], ids=lambda m: m.breaks)
def test_control_a_broken_endpoint_is_caught(mutant: Mutant) -> None:
    with skipped_without_tools(), Model(built(mutant)) as model:
        _, response = soak(model, KINDS["all"], 3000)
    assert not response.ok

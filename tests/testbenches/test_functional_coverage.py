"""Functional coverage: bins, crosses, holes, and waivers that are themselves checked."""

from __future__ import annotations

import json

import numpy as np
import pytest

from spikelock.models.errors import BadInput
from spikelock.testbenches.functional_coverage import Bin, CoverGroup, Point, cross, handshakes, values

SPIKE = values("spike", "spike", 0, 1)
LEVEL = Point("level", {"low": lambda t: t["membrane"] < 0, "high": lambda t: t["membrane"] >= 0})


def group(*points: Point) -> CoverGroup:
    return CoverGroup("neuron", list(points) or [SPIKE, LEVEL, cross(SPIKE, LEVEL)])


def columns(*pairs: tuple[int, int]) -> dict[str, np.ndarray]:
    return {name: np.array([pair[i] for pair in pairs]) for i, name in enumerate(("spike", "membrane"))}


def test_counts_every_bin_and_combination() -> None:
    covered = group()
    covered.sample(columns((0, -5), (0, 3), (1, 0), (0, -1)))
    assert covered.hits == {
        "spike": {"0": 3, "1": 1},
        "level": {"low": 2, "high": 2},
        "spike × level": {"0 × low": 2, "0 × high": 1, "1 × low": 0, "1 × high": 1},
    }
    assert covered.holes() == ["spike × level: 1 × low"]
    assert covered.percent == 87.5
    assert "        0  1 × low  HOLE" in covered.report()


def test_samples_add_up_one_by_one_or_all_at_once() -> None:
    together, apart, merged = group(), group(), group()
    rows = [(0, -5), (0, 3), (1, 0), (0, -1), (1, -2)]
    together.sample(columns(*rows))
    for row in rows:
        apart.sample(columns(row))
    for part in (rows[:2], rows[2:]):
        one = group()
        one.sample(columns(*part))
        merged.merge(json.loads(json.dumps(one.hits)))
    assert together.hits == apart.hits == merged.hits
    assert together.problems() == []


def test_bin_can_ask_for_more_than_one_hit() -> None:
    often = Bin("often", lambda t: t["spike"] == 1, at_least=2)
    covered = group(Point("spike", [often]))
    covered.sample(columns((1, 0)))
    assert covered.problems() == ["not covered: spike: often"]
    covered.sample(columns((1, 0)))
    assert covered.problems() == []


def test_impossible_bin_is_no_goal_and_no_excuse() -> None:
    covered = group(cross(SPIKE, LEVEL, impossible={("1", "low"): "a spike resets the membrane"}))
    covered.sample(columns((0, -5), (0, 3), (1, 0)))
    assert (covered.problems(), covered.percent) == ([], 100.0)
    covered.sample(columns((1, -1)))
    assert covered.problems() == [
        "declared impossible (a spike resets the membrane) but hit: spike × level: 1 × low"
    ]


def test_impossibility_is_inherited_by_crosses() -> None:
    fixed = Point("fixed", [Bin("never", lambda t: t["spike"] > 1, impossible="one bit")])
    covered = group(cross(fixed, LEVEL))
    assert covered.problems() == []


def test_an_empty_run_covers_nothing() -> None:
    covered = group()
    covered.sample(columns())
    assert len(covered.holes()) == 8
    assert covered.percent == 0


def test_mistakes_are_named() -> None:
    with pytest.raises(BadInput, match="one or more, each with its own name"):
        Point("none", {})
    with pytest.raises(BadInput, match="two points share a name"):
        group(SPIKE, SPIKE)
    with pytest.raises(BadInput, match="no such combination"):
        cross(SPIKE, LEVEL, impossible={("2", "low"): "there is no 2"})
    with pytest.raises(BadInput, match="other points or bins"):
        group().merge({"spike": {"0": 1, "1": 1}})


def test_handshakes() -> None:
    stream = handshakes("input", {("after a gap", "stalled"): "always ready"})
    stream.sample({"waited": np.array([0, 3, 0]), "idle": np.array([0, 0, 2])})
    assert stream.problems() == []

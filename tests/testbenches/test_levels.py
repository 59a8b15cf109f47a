"""Runs against the reference, resets included; the levels that need no simulator."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from spikelock.models.core import run_reference
from spikelock.models.errors import BadInput
from spikelock.models.neurons.lif import CORE, Params
from spikelock.models.ports import Records
from spikelock.testbenches.levels import CoreRun, divergences_after_resets, run
from spikelock.testbenches.lockstep import Job, ResetMark
from spikelock.testbenches.problem import Problem

PARAMS = Params(refractory_period=1)
CONFIGURATION = CORE.configuration(PARAMS)
INPUTS = {"input": CORE.inputs(PARAMS)["input"].records(np.arange(60) * 7)}


def expected(first: int, last: int) -> Records:
    part = {"input": INPUTS["input"][first:last]}
    return run_reference(CORE, PARAMS, CONFIGURATION, part)[1]["output"]


def outputs(*parts: Records) -> Mapping[str, Records]:
    return {"output": np.concatenate(parts)}


def mark(cycle: int, accepted: int, produced: int) -> ResetMark:
    return ResetMark(cycle, {"input": accepted}, {"output": produced})


def problems(*parts: Records, marks: tuple[ResetMark, ...]) -> list[Problem]:
    done = CoreRun(outputs(*parts), reset_marks=marks)
    return divergences_after_resets(CORE, PARAMS, CONFIGURATION, INPUTS, done)


@pytest.mark.parametrize("level", ["reference", "engine"])
def test_software_levels(level: str) -> None:
    done = run(level, CORE, PARAMS, CONFIGURATION, Job(INPUTS))
    assert done.problems == ()
    assert np.array_equal(done.outputs["output"], expected(0, 60))
    with pytest.raises(BadInput, match=f"level {level} has no cycles in which to reset; rtl, cocotb, icarus"):
        run(level, CORE, PARAMS, CONFIGURATION, Job(INPUTS, resets=(3,)))


def test_the_reference_starts_anew_after_each_reset() -> None:
    marks = mark(30, 20, 20), mark(50, 35, 34)
    assert problems(expected(0, 20), expected(20, 35)[:-1], expected(35, 60), marks=marks) == []


def test_state_that_survives_a_reset_is_found() -> None:
    found = problems(expected(0, 60), marks=(mark(30, 20, 20),))
    assert len(found) == 1
    assert "cycle 30, output: transaction " in found[0]


def test_outputs_may_be_lost_in_a_reset_but_not_at_the_end() -> None:
    assert problems(expected(0, 20)[:-1], expected(20, 60), marks=(mark(30, 20, 19),)) == []
    found = problems(expected(0, 20), expected(20, 60)[:-1], marks=(mark(30, 20, 20),))
    assert "nothing more came" in found[0]


def test_more_outputs_than_inputs_before_a_reset_are_found() -> None:
    twice = expected(0, 20)[[*range(20), 19]]
    found = problems(twice, expected(20, 60), marks=(mark(30, 20, 21),))
    assert "nothing more was expected" in found[0]


def test_resets_before_the_first_transaction() -> None:
    assert problems(expected(0, 60), marks=(mark(0, 0, 0), mark(1, 0, 0))) == []

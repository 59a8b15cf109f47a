"""Controls of the comparison at every level: each corruption must turn the check of a case red."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from spikelock.testbenches import levels
from spikelock.testbenches.alterations import (
    UNALTERED,
    Alteration,
    build_altered,
    list_mutations,
    prepare_component,
    select,
)
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.checking import check, check_trial
from spikelock.testbenches.levels import CoreRun
from spikelock.testbenches.trial import Trial

from .control import ControlResult, must_be_red
from .corruption import Corruption, corrupted_expectation, corruptions
from .spoiled import Spoiled

OWN_REFERENCE = ("cocotb", "icarus")
"""Levels that compute what they expect themselves, from what passes at the pins."""

LISTED = 200
"""Mutations of the compiled model, among which those are looked for that invert a bit of an output."""

INVERTED = 8
"""Bits that are inverted, one at a time."""


def corrupted(
    bench: Bench, case: Case, level: str, seed: int, size: int, most: int | None = None
) -> Iterator[ControlResult]:
    """Every corruption that the core knows, at a level; or the first so many.

    At the cocotb levels the hardware is corrupted, at all others what is expected of it. First the check must
    pass, for a check that is red anyway sees nothing.
    """
    if problems := check(bench, case, level, seed=seed, size=size).problems:
        yield ControlResult("no corruption", (), f"red without any corruption, too: {problems[0]}")
        return
    for corruption in islice(corruptions(Trial(bench, case, level, seed, size)), most):
        yield corrupted_by(bench, case, level, seed, size, corruption)


def corrupted_by(
    bench: Bench, case: Case, level: str, seed: int, size: int, corruption: Corruption
) -> ControlResult:
    """One corruption at a level."""
    if level in OWN_REFERENCE:
        made = bench.hardware
        spoiled = replace(bench, component=lambda params: Spoiled(made(params), corruption))
        done = check(spoiled, case, level, seed=seed, size=size)
    else:
        trial = Trial(bench, case, level, seed, size)
        trial.expected = dict(corrupted_expectation(trial, corruption))
        done = check_trial(trial)
    return must_be_red(str(corruption), tuple(map(str, done.problems)))


def altered_model(bench: Bench, case: Case, seed: int, size: int) -> ControlResult:
    """Bits of the compiled model inverted, one at a time: one of them at least must be seen.

    Those that drive an output come first. Without a change the model must pass.
    """
    trial = Trial(bench, case, "rtl", seed, size)
    core, params = bench.core, case.params
    component = bench.hardware(params)
    prepared = prepare_component(component)
    alterations = _inversions(list_mutations(prepared, LISTED, seed), list(core.outputs(params)))
    built = build_altered(prepared, alterations, core.pins(params), core.outputs(params))

    def problems(number: int) -> tuple[str, ...]:
        found: list[str] = []
        for play in trial.plays().values():
            chosen = replace(play.job, levels={**play.job.levels, **select(number)})
            done = levels.run_built(built, core, params, play.configuration, chosen)
            found += map(str, levels.problems_of(core, params, play.configuration, play.job, done))
        return tuple(found)

    name = f"the compiled model, one of {len(alterations)} bits inverted"
    if unaltered := problems(UNALTERED):
        return ControlResult(name, (), f"{name}: red without any change, too: {unaltered[0]}")
    for alteration in alterations:
        if seen := problems(alteration.number):
            return must_be_red(f"the compiled model: {alteration}", seen)
    return must_be_red(name, ())


def _inversions(alterations: Sequence[Alteration], outputs: Sequence[str]) -> list[Alteration]:
    """A few bits to invert, numbered from 1; first those of the pins of outputs."""
    pins = tuple(f"{name}__{pin}" for name in outputs for pin in ("payload", "valid"))
    inverted = [one for one in alterations if one.mode == "inv"]
    inverted.sort(key=lambda one: not one.wire.startswith(pins))
    return [replace(one, number=number) for number, one in enumerate(inverted[:INVERTED], 1)]


def repeated(bench: Bench, case: Case, level: str, seed: int, size: int) -> ControlResult:
    """The same seed twice gives the same run, bit for bit; another seed gives another stimulus."""
    name = f"seed {seed} twice"
    first, second = (_runs(Trial(bench, case, level, seed, size)) for _ in range(2))
    for job, run in first.items():
        if difference := _difference(run, second[job]):
            return ControlResult(name, (), f"{name}: {job}: the {difference} differ")
    trials = [Trial(bench, case, level, s, size) for s in (seed, seed + 1)]
    if all(np.array_equal(trials[0].inputs[port], trials[1].inputs[port]) for port in trials[0].inputs):
        return ControlResult(name, (), f"seeds {seed} and {seed + 1} give the same stimulus")
    return ControlResult(name, (f"{sum(r.cycles or 0 for r in first.values())} cycles are the same",))


def _runs(trial: Trial) -> dict[str, CoreRun]:
    plays = trial.plays()
    done = levels.run_all(
        trial.level, trial.bench.core, trial.params, list(plays.values()), component=trial.component
    )
    return dict(zip(plays, done, strict=True))


def _difference(one: CoreRun, other: CoreRun) -> str:
    """What two runs differ in; empty where they are the same."""
    parts: dict[str, tuple[Any, Any]] = {
        "outputs": (one.outputs, other.outputs),
        "cycles of transactions": (one.passed_at, other.passed_at),
    }
    for what, (these, those) in parts.items():
        if these.keys() != those.keys() or not all(np.array_equal(these[k], those[k]) for k in these):
            return what
    if one.reset_marks != other.reset_marks:
        return "resets"
    if one.problems != other.problems:
        return "problems"
    return "lengths in cycles" if one.cycles != other.cycles else ""

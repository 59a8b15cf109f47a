"""A link between dies is cut in mid-run: reported in time, and avoided, or the loss is named exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from spikelock.formal.chiplet.bridge_mutants import DEAD_UNSEEN
from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.machine import Machine, Port
from spikelock.models.network.mapping.mapped import Mapped, reroute
from spikelock.models.network.trace import Trace
from spikelock.testbenches import cut_link
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.cosim import Comparison, cosimulate
from spikelock.testbenches.cut_link import Cut, cut_named, cut_off
from spikelock.testbenches.dies import OnDies, die_levels
from spikelock.testbenches.lockstep import Clock
from spikelock.testbenches.mesh import Setup, machine_for
from spikelock.testbenches.network import LevelRun, Software, Spikes, make_levels
from spikelock.testbenches.problem import Detector
from spikelock.testbenches.test_on_mesh import NETWORK, SPIKES

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

EAST = Cut((0, 0), Port.EAST, 3000)
"""In the second of three samples."""

ALIKE = {f"die{number}": Clock(1) for number in range(4)}
"""Clocks that cost the simulator least."""


@cache
def machine(across: int, up: int) -> Machine:
    """Dies of one tile each."""
    return machine_for(NETWORK, across, up, dies=(across, up))


def run(level: OnDies, samples: int = 3) -> Comparison:
    levels: list[Any] = [Software("engine", NETWORK), level]
    with skipped_without_tools():
        return cosimulate(NETWORK, SPIKES[:samples], levels, shrink_seconds=0).comparisons[0]


def on_two(cycle: int = 1500, **options: Any) -> OnDies:
    """Two dies with the same clock."""
    clocks = {name: ALIKE[name] for name in ("die0", "die1")}
    return OnDies(NETWORK, machine(2, 1), cut=replace(EAST, cycle=cycle), clocks=clocks, **options)


def said(comparison: Comparison) -> str:
    return "\n".join([*comparison.run.notes, *comparison.run.problems])


@pytest.mark.parametrize(
    ("cut", "line_errors", "ends"),
    [
        (EAST, 0.0, ("(0, 0) east to (1, 0) is down, says die0", "(1, 0) west to (0, 0) is down, says die1")),
        (
            Cut((1, 1), Port.SOUTH, 3000),
            1e-3,
            ("(1, 0) north to (1, 1) is down, says die1", "(1, 1) south to (1, 0) is down, says die3"),
        ),
    ],
    ids=["at the host", "far from it, with errors"],
)
def test_four_dies_go_on_without_a_link(cut: Cut, line_errors: float, ends: tuple[str, str]) -> None:
    """Samples before the cut stay, the others run again by other ways, and both ends have said so in time."""
    level = OnDies(NETWORK, machine(2, 2), cut=cut, line_errors=line_errors)
    comparison = run(level)
    assert comparison.agrees, said(comparison)
    assert all(end in said(comparison) for end in ends), said(comparison)
    assert "complete samples: 1; run again, by other ways: samples 1 … 2" in said(comparison)
    assert len(comparison.run.notes) == 3


def test_wherever_and_whenever_a_link_is_cut_the_result_is_equal(size: Any) -> None:
    """Clocks alike and not, with errors and without."""
    complete = set()
    ends = (((0, 0), Port.EAST), ((0, 0), Port.NORTH), ((1, 1), Port.WEST), ((1, 1), Port.SOUTH))
    for number, cycle in enumerate(range(50, 4900, size.pick(1201, 101))):
        clocks, line_errors = {} if number % 3 == 0 else ALIKE, number % 2 * 1e-3
        for place, port in ends:
            cut = Cut(place, port, cycle)
            level = OnDies(
                NETWORK, machine(2, 2), cut=cut, clocks=clocks, line_errors=line_errors, seed=cycle
            )
            comparison = run(level)
            assert comparison.agrees, (cut, said(comparison))
            complete.add(comparison.run.notes[2].split(";")[0])
    assert complete >= {f"complete samples: {number}" for number in range(3)}


@pytest.mark.parametrize(
    ("clocks", "cycle"),
    [
        ({}, 3000),
        ({"die0": Clock(5), "die1": Clock(1)}, 1000),
        ({"die0": Clock(1), "die1": Clock(5)}, 6000),
    ],
    ids=["as usual", "5 to 1", "1 to 5"],
)
def test_of_two_dies_what_is_lost_is_named_exactly(clocks: Mapping[str, Clock], cycle: int) -> None:
    """It was reported in time, too: there are no other problems than the loss."""
    cut = replace(EAST, cycle=cycle)
    comparison = run(OnDies(NETWORK, machine(2, 1), cut=cut, clocks=clocks))
    kept = comparison.run.trace.samples
    assert 0 < kept < 3
    assert comparison.divergence is None, "those that were complete are equal"
    assert comparison.events == len(comparison.run.trace.events) > 0
    assert comparison.run.problems == (f"no way is left to (1, 0): p1 0…1; lost: samples {kept} … 2",)
    assert not comparison.agrees


def test_control_one_report_that_is_late_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut_link, "ON_ITS_WAY", -12)
    problems = run(on_two()).run.problems
    assert [problem.detector for problem in problems].count(Detector.TIMING) == 2, problems


def old_tables(mapped: Mapped, dead: Any) -> Mapped:
    """Turns that avoid the link, and tables that do not."""
    return replace(reroute(mapped, dead), tables=mapped.tables)


def nothing_changed(mapped: Mapped, dead: Any) -> Mapped:
    """As if the link were not dead."""
    return mapped


@pytest.mark.parametrize(
    ("instead", "problem"),
    [(old_tables, "rerouted: the counter node"), (nothing_changed, "rerouted: hung")],
)
def test_control_without_other_ways_it_does_not_agree(
    instead: Any, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cut_link, "reroute", instead)
    comparison = run(OnDies(NETWORK, machine(2, 2), cut=replace(EAST, cycle=2000), clocks=ALIKE))
    assert not comparison.agrees
    assert problem in said(comparison)


def test_control_dies_that_do_not_report_it_stand_still() -> None:
    """Nobody tells the host, so it knows no other way; the run ends, and is wrong."""
    from spikelock.testbenches.noisy_package import NoisyPackage

    package = on_two().package
    dies = {name: DEAD_UNSEEN.component("package.die", package, name=name) for name in package.dies}
    comparison = run(on_two(component=NoisyPackage(package, dies)))
    assert not comparison.agrees
    assert comparison.run.notes == ()
    for problem in ("hung: no handshake", "die0 does not report it", "die1 does not report it", "marks came"):
        assert problem in said(comparison)


class Deaf(OnDies):
    """On one die no mark goes anywhere."""

    @property
    def _setup(self) -> Setup:
        setup = super()._setup
        nothing = dict.fromkeys(setup.levels["die1_registers"], 0)
        return replace(setup, levels={**setup.levels, "die1_registers": nothing})


def test_control_a_run_that_stands_still_before_the_cut_is_wrong() -> None:
    comparison = run(Deaf(NETWORK, machine(2, 1), cut=replace(EAST, cycle=10_000_000)))
    assert not comparison.agrees
    assert "hung: no handshake" in said(comparison)


def test_a_cut_that_comes_too_late_is_refused() -> None:
    with pytest.raises(
        BadInput, match=r"cycle 10000000: the run is over before that is noticed; 1 … \d+ would"
    ):
        run(on_two(10_000_000), 1)


def test_a_cut_after_the_last_mark_loses_nothing() -> None:
    """It is reported all the same."""
    comparison = run(on_two(), 1)
    assert comparison.agrees, said(comparison)
    assert comparison.run.notes[2:] == ("complete samples: all",)


def test_control_samples_that_nobody_misses_are_missed() -> None:
    class Short(Software):
        def run(self, spikes: Spikes, progress: Any = None) -> LevelRun:
            done = super().run(spikes)
            return replace(done, trace=done.trace.first(2))

    levels: list[Any] = [Software("engine", NETWORK), Short("engine", NETWORK)]
    comparison = cosimulate(NETWORK, SPIKES[:3], levels).comparisons[0]
    assert comparison.divergence is None
    assert comparison.run.problems == ("2 samples came; 3 were asked for",)


def test_the_first_samples_of_a_trace() -> None:
    raster = np.random.default_rng(3).random((3, 4, 5)) < 0.5
    first = Trace.of_raster(raster, {"p": np.arange(3)[:, None, None]}).first(2)
    assert (first.raster() == raster[:2]).all()
    assert first.membranes["p"].shape == (2, 1, 1)
    assert first.first(7) is first


def test_what_is_cut_off_is_what_the_host_does_not_reach() -> None:
    assert cut_off(Machine(3, 2)) == []
    assert cut_off(Machine(3, 1, dead=frozenset({(1, Port.EAST)}))) == [2]
    assert cut_off(Machine(3, 1, host=2, dead=frozenset({(1, Port.EAST)}))) == [0, 1]
    assert cut_off(Machine(2, 2, dead=frozenset({(0, Port.EAST)}))) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("0,0:east", "as in 0,0:east@5000"),
        ("0,0:up@5", "one of east, north, west, south"),
        ("0,0:east@0", r"cycle 0: .*1 … 4294967295"),
        ("0,0:east@99999999999", "cycle 99999999999"),
        ("0,0:north@5", r"0,0:north: .*there are 0,0:east"),
        ("7,0:east@5", r"7,0:east: .*there are 0,0:east"),
    ],
)
def test_what_cannot_be_cut_is_refused(words: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make_levels(NETWORK, ["dies"], die_levels((2, 1), (2, 1), cut=cut_named(words)))
    assert cut_named("0,0:east@5") == Cut((0, 0), Port.EAST, 5)

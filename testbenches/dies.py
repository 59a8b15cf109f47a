"""A network on a package of dies: the level `dies`, in Verilator, every die with a clock of its own.

It is the level `mesh` on other hardware: what the host sends, receives and judges is the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from spikelock.models.chiplet.power_gate import FULL_RATE
from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.machine import Machine
from spikelock.models.network.program import Program
from spikelock.models.network.trace import Trace, check_input
from spikelock.models.package.dies import SLOWEST, Params, controls, loads, outputs, pins, settings
from spikelock.models.package.topology import Package, machine_of

from .cut_link import Cut, CutPart, run_cut
from .cut_ports import cut as cut_values
from .cut_ports import cut_port, logs
from .lockstep import Built, Clock, build
from .mesh import OnMesh, Setup, fitted, machine_for
from .network import Level, LevelRun, Progress, Spikes, ignore_progress

PERIODS = (6, 7, 5, 9)
"""Of the clocks of dies, in turn: none is a multiple of another."""

MOST_ERRORS = 0.05
"""Of bits on a line: with more hardly a flit passes."""


class OnDies(OnMesh):
    """The level `dies`: a network mapped on a machine that is cut into dies, joined by bridges.

    line_errors: of each wire of each line, how probable it is that a bit of it is wrong. clocks: by die
    (`die0`, …), for those that shall have other ones. cut: a link that is cut in mid-run; then one process
    runs all samples, and the run's notes say what was reported. throttle: by die, in how many of 16 cycles
    the clock of its mesh runs; all dies have gates then. Others: see `OnMesh`; component is a package, with
    lines that have errors.
    Raises BadInput for an impossible rate of errors, for clocks too far apart, for a cut of no link, and for
    a throttle of no die, or with which it stands still.
    """

    name: str = "dies"

    def __init__(
        self,
        program: Program,
        machine: Machine,
        *,
        line_errors: float = 0.0,
        clocks: Mapping[str, Clock] | None = None,
        cut: Cut | None = None,
        throttle: Mapping[str, int] | None = None,
        **options: Any,
    ) -> None:
        if not 0 <= line_errors <= MOST_ERRORS:
            raise BadInput(
                f"line errors {line_errors:g}: of each bit, 0 … {MOST_ERRORS:g} can be wrong; 1e-3 is many"
            )
        self._line_errors = line_errors
        self._given = clocks or {}
        self._cut = cut
        self._rates = throttle
        super().__init__(program, machine, **options)
        for die, rate in (throttle or {}).items():
            if die not in self.package.dies or not 1 <= rate <= FULL_RATE:
                raise BadInput(
                    f"throttle {die} to {rate}: the dies are {', '.join(self.package.dies)}, and a clock "
                    f"runs in 1 … {FULL_RATE} cycles of {FULL_RATE}"
                )
        if cut is not None:
            cut.link(self.package)

    def run(self, spikes: Spikes, progress: Progress = ignore_progress) -> LevelRun:
        """See `Level`. Raises BadInput where the run is over before the cut can be noticed."""
        if self._cut is None:
            return super().run(spikes, progress)
        check_input(self.mapped.program, spikes)
        built = self._built
        start = time.perf_counter()
        part = CutPart(self.mapped, self._setup, spikes, self._seed, self._stalls, self.package, self._cut)
        done = run_cut(built, part)
        progress(done.trace.samples)
        seconds = time.perf_counter() - start
        return LevelRun(self.name, done.trace, done.problems, done.cycles, seconds, done.notes)

    def look_closer(self, spikes: Spikes, population: str, wave: Path) -> Trace | None:
        """See `OnMesh`. A sample that was interrupted has no waves of its own."""
        return None if self._cut else super().look_closer(spikes, population, wave)

    @cached_property
    def package(self) -> Params:
        """What the hardware is."""
        return Params(self.params, gated=self._rates is not None)

    @cached_property
    def clocks(self) -> Mapping[str, Clock]:
        """Of each die."""
        names = self.package.dies
        if unknown := self._given.keys() - names.keys():
            raise BadInput(f"clock of {min(unknown)}: the dies are {', '.join(names)}")
        found = {
            name: self._given.get(name, Clock(PERIODS[n % len(PERIODS)], n)) for n, name in enumerate(names)
        }
        periods = [clock.period for clock in found.values()]
        if max(periods) > SLOWEST * min(periods):
            raise BadInput(
                f"clocks with periods of {min(periods)} and {max(periods)}: the slowest may be {SLOWEST} "
                "times as slow as the fastest"
            )
        return found

    @property
    def _setup(self) -> Setup:
        from .noisy_package import noise

        slowest = max(clock.period for clock in self.clocks.values())
        slower = -(-slowest // self.clocks[self.package.host].period)
        slower *= -(-FULL_RATE // min((self._rates or {}).values(), default=FULL_RATE))
        levels = settings(self.package, self.configuration) | {
            "noise": noise(self.package, self._line_errors),
            "cut": cut_values(self.package),
            **controls(self.package, self._rates),
        }
        contents = loads(self.package, self.configuration)
        return Setup(contents, levels, self.clocks, slower, self.package.bridge.silence * slower)

    @cached_property
    def _built(self) -> Built:
        return self._build() if self._component else _model_of(self.package)

    def _build(self, **options: Any) -> Built:
        return _build_package(self.package, self._component, **options)


@cache
def _model_of(params: Params) -> Built:
    """One for all levels on the same package, whatever is done to its lines: elaborating takes seconds."""
    return _build_package(params)


def _build_package(params: Params, component: Any = None, **options: Any) -> Built:
    from .noisy_package import NoisyPackage, noise_port

    inputs = {**pins(params), "noise": noise_port(params), "cut": cut_port(params)}
    ports = {**outputs(params), **logs(params)}
    return build(component or NoisyPackage(params), inputs, ports, **options)


def die_levels(
    size: tuple[int, int] | None,
    dies: tuple[int, int] | None,
    *,
    torus: bool = False,
    line_errors: float = 0,
    package: Package | None = None,
    cut: Cut | None = None,
    throttle: Mapping[str, int] | None = None,
) -> Mapping[str, Callable[..., Level]]:
    """How to make the level `dies` of a program: on so many nodes and dies across and up, or on a package."""

    def level(program: Program, **options: Any) -> Level:
        if package is not None:
            machine = fitted(program, machine_of(package))
        elif size is None or dies is None:
            raise BadInput(
                "the level dies needs to know how many: --mesh 2x2 --dies 2x1, or --package ring:4"
            )
        else:
            machine = machine_for(program, *size, torus=torus, dies=dies)
        return OnDies(program, machine, line_errors=line_errors, cut=cut, throttle=throttle, **options)

    return {"dies": level}

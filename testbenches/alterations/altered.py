"""Puts alterations into a design, and builds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spikelock.models.errors import BadInput
from spikelock.models.fixed import Q
from spikelock.models.ports import Port
from spikelock.testbenches.lockstep import Built, build_verilog
from spikelock.testbenches.yosys import kept_yosys

from .alteration import SELECTOR, Altering

UNALTERED = 0
"""The selector's value at which the design is the original."""

FIELD = "number"


def selector_port(alterations: Sequence[Altering]) -> Port:
    """The level input `SELECTOR` of a design with these alterations."""
    return Port({FIELD: Q(max(a.number for a in alterations).bit_length(), signed=False)}, kind="level")


def select(number: int) -> Mapping[str, Mapping[str, int]]:
    """Levels of a `Job` under which the alteration of that number takes effect; with 0, none does."""
    return {SELECTOR: {FIELD: number}}


def alter(prepared: str, alterations: Sequence[Altering]) -> str:
    """Verilog of a prepared design with all alterations, one of which takes effect, as the selector says.

    Raises BadInput where there is none or two have the same number, SpikelockError where Yosys finds no such
    place in the design.
    """
    numbers = {alteration.number for alteration in alterations}
    if not numbers or len(numbers) < len(alterations) or min(numbers) <= UNALTERED:
        raise BadInput(f"{len(alterations)} alterations: one or more are needed, numbered from 1, none twice")
    bits = selector_port(alterations).width
    commands = "".join(alteration.commands(bits) for alteration in alterations)
    script = f"read_rtlil prepared.il\n{commands}opt_clean\nwrite_verilog -norename dut.v\n"
    return kept_yosys(script, {"prepared.il": prepared}, "dut.v")


def build_altered(
    prepared: str,
    alterations: Sequence[Altering],
    inputs: Mapping[str, Port],
    outputs: Mapping[str, Port],
    *,
    clocks: tuple[str, ...] = (),
) -> Built:
    """Builds the altered design, with one more level input: the selector. Raises as `alter` and `build`."""
    ports = {**inputs, SELECTOR: selector_port(alterations)}
    return build_verilog(alter(prepared, alterations), ports, outputs, clocks=clocks)

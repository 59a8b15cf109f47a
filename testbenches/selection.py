"""Which cases of a bench are run at which level.

Software and lockstep have every case. The levels that build for seconds, or run slowly, have one:

    cocotb           the first, as lockstep runs all on the same simulator; all, where Icarus is not installed
    icarus           the first with other parameters than cocotb has, if there is one
    netlist-ice40    the first; none, where the bench leaves it to long runs
    netlist-ecp5     none: one technology shows what synthesis makes of a core; the regression has both

Besides, each level has the cases in which a known bug must be caught there. A long run has all at all levels.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from .bench import Bench, Case


def icarus_is_there() -> bool:
    """Whether the cocotb environment has Icarus, on which it runs what Verilator would have to build."""
    return shutil.which("iverilog") is not None


def cases_at(bench: Bench, level: str) -> Sequence[Case]:
    """The cases of a bench that all but long runs have at a level."""
    if level in bench.only_long:
        return []
    first, *others = bench.cases
    match level:
        case "netlist-ice40":
            chosen = {first.name}
        case "netlist-ecp5":
            chosen = set()
        case "cocotb" if icarus_is_there():
            chosen = {first.name}
        case "icarus":
            chosen = {next((case for case in others if case.params != first.params), first).name}
        case _:
            return bench.cases
    chosen |= {bug.case for bug in bench.bugs if bug.caught_by.where == level}
    return [case for case in bench.cases if case.name in chosen]

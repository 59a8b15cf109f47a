"""Which cases of a bench are run at which level.

Software, lockstep and Icarus have every case. The levels that build for seconds have some:

    cocotb       the first, as the others are run by the same environment on Icarus, and on the same simulator
                 by lockstep; all, where Icarus is not installed
    netlists     the first, and of the others each family its share, by turns

Besides, each level has the cases in which a known bug must be caught there. A long run has all at all levels.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from .bench import Bench, Case
from .levels import NETLISTS


def icarus_is_there() -> bool:
    """Whether the cocotb environment has Icarus, on which it runs what Verilator would have to build."""
    return shutil.which("iverilog") is not None


def cases_at(bench: Bench, level: str) -> Sequence[Case]:
    """The cases of a bench that all but long runs have at a level."""
    if level in NETLISTS:
        turns, turn = len(NETLISTS), list(NETLISTS).index(level)
    elif level == "cocotb" and icarus_is_there():
        turns, turn = len(bench.cases), 0
    else:
        return bench.cases
    caught = {bug.case for bug in bench.bugs if bug.caught_by.where == level}
    return [
        case
        for number, case in enumerate(bench.cases)
        if number == 0 or number % turns == turn or case.name in caught
    ]

"""Which cases of a bench are run at which level.

Software and lockstep have every case. The levels that build for seconds, or run slowly, have some:

    icarus       the first of each choice of parameters
    cocotb       the first, as the same environment runs others on Icarus, and lockstep runs all on the same
                 simulator; all, where Icarus is not installed
    netlists     the first

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
    if level in NETLISTS or (level == "cocotb" and icarus_is_there()):
        chosen = {bench.cases[0].name}
    elif level == "icarus":
        params = [case.params for case in bench.cases]
        chosen = {case.name for n, case in enumerate(bench.cases) if case.params not in params[:n]}
    else:
        return bench.cases
    chosen |= {bug.case for bug in bench.bugs if bug.caught_by.where == level}
    return [case for case in bench.cases if case.name in chosen]

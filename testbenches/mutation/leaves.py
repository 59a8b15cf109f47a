"""Which modules of a design are leaves without state: arithmetic and arbiters."""

from __future__ import annotations

import re

MODULE = re.compile(r"^module \\(\S+)$(.*?)^end$", re.MULTILINE | re.DOTALL)
STATE = re.compile(r"\$(a|s|al)?dff|\$dlatch|\$a?sr|\$ff|\$mem")
"""Types of cells that hold state, in a design without processes."""

CELL = re.compile(r"^  cell (\S+) ", re.MULTILINE)


def leaves_without_state(prepared: str) -> set[str]:
    """Names of the modules of a prepared design that hold no state and no other module."""
    return {
        name
        for name, body in MODULE.findall(prepared)
        if not any(kind.startswith("\\") or STATE.match(kind) for kind in CELL.findall(body))
    }

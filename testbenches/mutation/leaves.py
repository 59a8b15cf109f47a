"""Which modules of a design are leaves without state: arithmetic and arbiters."""

from __future__ import annotations

import re

from spikelock.models.core import all_cores

STATE = re.compile(r"\$(a|s|al)?dff|\$dlatch|\$a?sr|\$ff|\$mem")
"""Types of cells that hold state, in a design without processes."""

MODULE = re.compile(r"((?:^attribute [^\n]*\n)*)^module \\(\S+)\n(.*?)^end$", re.MULTILINE | re.DOTALL)
SOURCE = re.compile(r'\\src "([^":]*):')
CELL = re.compile(r"^  cell (\S+) ", re.MULTILINE)


def own_leaves(prepared: str, core: str) -> set[str]:
    """Names of the modules of a prepared design that hold no state and no other module.

    Left out are those that stand in the file of another core: the bench of that core judges them, which
    drives them directly.
    """
    files = {f"rtl/{other.name.replace('.', '/')}.py" for other in all_cores() if other.name != core}
    return {
        name
        for attributes, name, body in MODULE.findall(prepared)
        if files.isdisjoint(SOURCE.findall(attributes))
        and not any(kind.startswith("\\") or STATE.match(kind) for kind in CELL.findall(body))
    }

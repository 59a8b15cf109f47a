"""The view of Python: a class with one typed property a register."""

from __future__ import annotations

import keyword

from .described import Described, format_of


def module(described: Described) -> str:
    """A module with a class that wraps a `RegisterView`, or any other mapping of names to values."""
    title = "".join(part.capitalize() for part in described.identifier.split("_"))
    lines = [f'"""Registers of {described.name}. Made by `spikelock registers`; do not edit."""']
    lines += ["", "from collections.abc import MutableMapping", "", "", f"class {title}:"]
    lines += [f'    """Registers of {described.name}: raw integers of their formats."""', ""]
    lines += ["    def __init__(self, view: MutableMapping[str, int]) -> None:", "        self._view = view"]
    for name, register in described.registers.items():
        known = f"{name}_" if keyword.iskeyword(name) else name
        lines += ["", "    @property", f"    def {known}(self) -> int:"]
        meaning = f"{format_of(register.q).capitalize()}: {register.doc}."
        lines += [f"        {meaning!r}", f"        return self._view[{name!r}]"]
        if name not in described.read_only:
            lines += ["", f"    @{known}.setter", f"    def {known}(self, value: int) -> None:"]
            lines += [f"        self._view[{name!r}] = value"]
    return "\n".join([*lines, ""])

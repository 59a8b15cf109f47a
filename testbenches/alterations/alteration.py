"""One alteration of a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Mode = Literal["inv", "const0", "const1", "cnot0", "cnot1"]

SELECTOR = "alteration"
"""The input of an altered design that says which of its alterations takes effect."""


class Altering(Protocol):
    """What `alter` puts into a design."""

    @property
    def number(self) -> int:
        """Its number, from 1: the value of the selector at which it takes effect."""
        ...

    def commands(self, selector_bits: int) -> str:
        """The Yosys commands that put it there, to take effect while the input `SELECTOR` is `number`."""
        ...


@dataclass(frozen=True)
class Alteration:
    """One bit of one port of a cell, altered, as `mutate` of Yosys does.

    number: from 1. mode: what becomes of the bit: `inv` inverts it, `const0` and `const1` hold it, `cnot0`
    and `cnot1` invert it while bit `control` of the same port is 0, or 1.
    module, cell, port, bit: where. An input port of a cell is altered for this cell alone, an output port for
    all that read it.
    wire: the named signal bit at that place, where there is one, such as `membrane[5]`.
    sources: lines of the source it comes from, such as `rtl/neurons/lif.py:70`.
    """

    number: int
    mode: Mode
    module: str
    cell: str
    port: str
    bit: int
    control: int | None = None
    wire: str = ""
    sources: tuple[str, ...] = ()

    def commands(self, selector_bits: int) -> str:
        """The Yosys command that puts it into a design, behind the selector."""
        return f"{self.command} -ctrl {SELECTOR} {selector_bits} {self.number}\n"

    @property
    def command(self) -> str:
        """The Yosys command that makes it, for good."""
        control = "" if self.control is None else f" -ctrlbit {self.control}"
        return (
            f"mutate -mode {self.mode} -module {self.module} -cell {self.cell} -port {self.port} "
            f"-portbit {self.bit}{control}"
        )

    def __str__(self) -> str:
        control = "" if self.control is None else f" by {self.port}[{self.control}]"
        signal = f" ({self.wire})" if self.wire else ""
        return f"{self.mode} {self.module} {self.cell} {self.port}[{self.bit}]{control}{signal}"

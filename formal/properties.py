"""What proofs are written with: claims, covers, and a look inside a core.

The properties of a proof are a function `(m, core, inside)` that adds claims and covers to a module that
holds the core. What nothing drives is free: the inputs of the core, its registers, `ready` of its outputs,
and the reset take any value in any cycle.
"""

from __future__ import annotations

from typing import Any

from amaranth.asserts import AnySeq
from amaranth.hdl import (
    Assert,
    Assume,
    Const,
    Cover,
    Fragment,
    MemoryInstance,
    Module,
    ShapeCastable,
    Signal,
    Value,
)

from spikelock.models.errors import BadInput

TRIED = "tried: "
"""Prefix of the covers that `claim` adds."""

HELPER = "helper: "
"""Prefix of the claims that `helper` makes."""


def claim(m: Module, name: str, holds: Any, when: Any = None, *, src_loc_at: int = 0) -> None:
    """Asserts `holds` in every cycle, or in those in which `when` is true.

    Where there is a `when`, it is covered, so that the claim cannot hold in vain.
    """
    if when is None:
        m.d.comb += Assert(holds, name, src_loc_at=src_loc_at + 1)
        return
    with m.If(when):
        m.d.comb += Assert(holds, name, src_loc_at=src_loc_at + 1)
    m.d.comb += Cover(when, TRIED + name, src_loc_at=src_loc_at + 1)


def helper(m: Module, name: str, holds: Any, when: Any = None) -> None:
    """A claim about the inside of the core, made so that the other claims can be proved by induction."""
    claim(m, HELPER + name, holds, when, src_loc_at=1)


def assume(m: Module, name: str, holds: Any) -> None:
    """Limits the proof to runs in which `holds` is true in every cycle. A proof names its assumptions."""
    m.d.comb += Assume(holds, name, src_loc_at=1)


def cover(m: Module, name: str, reached: Any) -> None:
    """Asks for a run in which `reached` becomes true; where there is none, the proof fails."""
    m.d.comb += Cover(reached, name, src_loc_at=1)


class Inside:
    """Registers, state machines and memories of a core, by the names they have in its source.

    Helper invariants need them: a proof by induction must say which internal states can occur. Raises
    BadInput for a name that the core does not have (any more).
    """

    def __init__(self, core: Any) -> None:
        self.fragment = Fragment.get(core, None)

    @property
    def registers(self) -> frozenset[str]:
        """Names of the core's own registers, without those of its submodules."""
        return frozenset(signal.name for signal in self._all_driven("sync", self.fragment))

    def register(self, name: str) -> Signal:
        """The register of that name; `part.name` for one of a submodule."""
        return self._driven("sync", name)

    def wire(self, name: str) -> Signal:
        """The combinational signal of that name; `part.name` for one of a submodule."""
        return self._driven("comb", name)

    def free(self, name: str) -> Signal:
        """Lets the wire of that name take any value in any cycle, whatever drives it in the core.

        What holds then holds for every core around it, this one too. A counterexample need not: it is a run
        of the core that is left. A proof names what it frees.
        """
        wire = self.wire(name)
        part = self._part(name.split(".")[:-1])
        statements = part.statements["comb"]
        kept = [statement for statement in statements if getattr(statement, "lhs", None) is not wire]
        if len(kept) != len(statements) - 1:
            raise BadInput(f"{name} is not driven by one assignment outside all conditions")
        statements[:] = [*kept, wire.eq(AnySeq(wire.shape()))]
        return wire

    def in_state(self, state: str, machine: str = "fsm") -> Value:
        """Whether the state machine is in that state; `part.fsm` is one of a submodule."""
        *path, leaf = machine.split(".")
        return self._part(path).find_generated(leaf).ongoing(state)

    def memory(self, name: str, address: Any) -> Any:
        """What the memory of that name holds at `address` in this cycle, by a read port added to it."""
        memory = self._memory(name)
        contents = memory._data  # pyright: ignore[reportPrivateUsage]  # what Amaranth's own ports use
        value = Signal(contents.shape, name=f"{name}_word")
        bits = (contents.depth - 1).bit_length()
        at = Const(address, bits) if isinstance(address, int) else Value.cast(address)[:bits]
        memory.read_port(domain="comb", addr=at, data=value, en=Const(1), transparent_for=())
        return value

    def cut(self, name: str) -> None:
        """Takes out the submodule of that name: the properties then drive what it drove, with any values.

        What is proved so holds whatever the submodule does.
        """
        self._part([name])  # or it is an error
        self.fragment.subfragments = [part for part in self.fragment.subfragments if part[1] != name]

    def read_data(self, name: str) -> Any:
        """What the core's first read port of the memory of that name shows."""
        memory = self._memory(name)
        shape = memory._data.shape  # pyright: ignore[reportPrivateUsage]
        bits = memory._read_ports[0]._data  # pyright: ignore[reportPrivateUsage]
        return shape(bits) if isinstance(shape, ShapeCastable) else bits

    def _memory(self, name: str) -> MemoryInstance:
        memory = self._part(name.split("."))
        if not isinstance(memory, MemoryInstance):
            raise BadInput(f"{name} is not a memory of this core")
        return memory

    def _driven(self, domain: str, name: str) -> Any:
        *path, leaf = name.split(".")
        found = [s for s in self._all_driven(domain, self._part(path)) if s.name == leaf]
        if len(found) != 1:
            raise BadInput(f"{len(found)} {domain} signals of the core are called {name}; one is needed")
        return found[0]

    @staticmethod
    def _all_driven(domain: str, part: Fragment) -> list[Any]:
        statements = part.statements.get(domain)
        return [] if statements is None else list(statements._lhs_signals())

    def _part(self, path: list[str]) -> Fragment:
        part = self.fragment
        for name in path:
            try:
                part = part.find_subfragment(name)
            except NameError:
                raise BadInput(f"the core has no submodule {'.'.join(path)}") from None
        return part

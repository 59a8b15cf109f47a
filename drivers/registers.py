"""Registers of a core, by name, over any bus that reads and writes words."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Protocol

from spikelock.models.errors import BadInput, RangeError
from spikelock.models.ports import Register, RegisterMap


class Bus(Protocol):
    """What leads to a register bank. A word holds the bits of a register, its lowest bit in bit 0."""

    def write(self, address: int, word: int) -> None:
        """Sets the register at an address."""
        ...

    def read(self, address: int) -> int:
        """The bits of the register at an address."""
        ...


class RegisterView(MutableMapping[str, int]):
    """The registers of a core as a mapping: `view["threshold"] = 900` writes, `view["threshold"]` reads.

    Values are raw integers of the register's format; negative ones travel in two's complement.
    Raises BadInput for an unknown name, RangeError for a value that does not fit, before anything is sent.
    """

    def __init__(self, registers: RegisterMap, bus: Bus) -> None:
        self._registers = registers
        self._addresses = {name: address for address, name in enumerate(registers)}
        self._bus = bus

    def __getitem__(self, name: str) -> int:
        q = self._register(name).q
        word = self._bus.read(self._addresses[name]) % (1 << q.width)
        return word - (1 << q.width) if word > q.maximum else word

    def __setitem__(self, name: str, value: int) -> None:
        q = self._register(name).q
        if not q.minimum <= value <= q.maximum:
            raise RangeError(f"{name} = {value} does not fit {q}: {q.minimum} … {q.maximum}")
        self._bus.write(self._addresses[name], value % (1 << q.width))

    def __delitem__(self, name: str) -> None:
        """Writes the value that the register has after reset."""
        self[name] = self._register(name).reset

    def __iter__(self) -> Iterator[str]:
        return iter(self._registers)

    def __len__(self) -> int:
        return len(self._registers)

    def _register(self, name: str) -> Register:
        if name not in self._registers:
            raise BadInput(
                f"no register is called {name!r}; there are: {', '.join(self._registers) or 'none'}"
            )
        return self._registers[name]

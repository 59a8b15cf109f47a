"""Live parameters of a core by name, changed all at once: the host's side of `bus.parameter_bank`.

with parameters.change() as values:
    values["threshold"] = 900
    values["leak"] = 3
parameters.rollback()
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Protocol
from zlib import crc32

from spikelock.models.bus.parameter_bank import WINDOW, Command, Status
from spikelock.models.errors import BadInput, LinkError, RangeError
from spikelock.models.ports import RegisterMap

from .registers import Bus

Request = tuple[int, int, int, int, int]
"""Command, bank, entry, low word, high word."""

Answer = tuple[int, int, int]
"""Status, latched traps, their count."""


class Requests(Protocol):
    """What leads to a parameter bank."""

    def ask(self, request: Request) -> Answer:
        """What the bank answers."""
        ...


class OverRegisters:
    """Requests through the registers of `rtl.parameter_window`, from an address of a bus on."""

    def __init__(self, bus: Bus, first: int = 0) -> None:
        self._bus = bus
        self._addresses = {name: first + number for number, name in enumerate(WINDOW)}

    def ask(self, request: Request) -> Answer:
        """The command is written last: that is what sends the request."""
        command, *words = request
        for name, word in zip(("bank", "entry", "low", "high"), words, strict=True):
            self._bus.write(self._addresses[name], word)
        self._bus.write(self._addresses["command"], command)
        status, traps, count = (
            self._bus.read(self._addresses[name]) for name in ("status", "traps", "count")
        )
        return status, traps, count


class StagedValues:
    """What is staged by assignment: `values["threshold"] = 900`."""

    def __init__(self, bank: ParameterBank) -> None:
        self._bank = bank

    def __setitem__(self, name: str, value: int) -> None:
        self._bank.stage(name, value)


class ParameterBank:
    """The live parameters of one bank.

    Values are raw integers of the registers' formats. Nothing takes effect before `apply`, and then all that
    was staged does, in one cycle, if the bank has got it as it was sent. Every method raises LinkError where
    the bank refuses a request, which then changes nothing.
    """

    def __init__(self, registers: RegisterMap, requests: Requests, bank: int = 0) -> None:
        """Takes the bank to be as after its reset, without asking."""
        self._registers = registers
        self._entries = {name: entry for entry, name in enumerate(registers)}
        self._requests = requests
        self._bank = bank
        self._sum = 0
        self._live = {name: register.reset for name, register in registers.items()}
        self._staged = dict(self._live)
        self._before: dict[str, int] | None = None
        self._traps = 0
        self._trap_count = 0

    @property
    def live(self) -> Mapping[str, int]:
        """The values that have effect now, as this host has made them: a bank cannot be read."""
        return MappingProxyType(self._live)

    @property
    def traps(self) -> frozenset[Status]:
        """Why requests were refused since the traps were cleared, as the last answer tells."""
        return frozenset(status for status in Status if status and self._traps >> (status - 1) & 1)

    @property
    def trap_count(self) -> int:
        """How many were refused since then; it stops at the largest value that the bank counts to."""
        return self._trap_count

    def stage(self, name: str, value: int) -> None:
        """Stages a value. Raises BadInput for an unknown name, RangeError for a value that does not fit,
        before anything is sent.
        """
        if name not in self._registers:
            raise BadInput(
                f"no parameter is called {name!r}; there are: {', '.join(self._registers) or 'none'}"
            )
        q = self._registers[name].q
        if not q.minimum <= value <= q.maximum:
            raise RangeError(f"{name} = {value} does not fit {q}: {q.minimum} … {q.maximum}")
        bits = value % (1 << 64)
        words = self._bank, self._entries[name], bits % (1 << 32), bits >> 32
        # Summed before the answer is seen: then a set of which a value was refused is never applied.
        self._sum = crc32(b"".join(word.to_bytes(4, "little") for word in words), self._sum)
        self._ask((Command.WRITE, *words), f"{name} = {value} is not staged")
        self._staged[name] = value

    def apply(self) -> None:
        """Lets what is staged take effect."""
        self._ask((Command.APPLY, self._bank, 0, self._sum, 0), "nothing of what is staged takes effect")
        self._sum = 0
        self._before, self._live = self._live, dict(self._staged)

    def rollback(self) -> None:
        """Brings back the values from before the last `apply`, once."""
        self._ask((Command.ROLLBACK, self._bank, 0, 0, 0), "all stays as it is")
        self._sum = 0
        if self._before is not None:
            self._live, self._before = self._before, None
        self._staged = dict(self._live)

    def begin(self) -> None:
        """Drops what is staged."""
        self._ask((Command.BEGIN, self._bank, 0, 0, 0), "what is staged stays so")
        self._sum = 0
        self._staged = dict(self._live)

    def clear_traps(self) -> None:
        """Forgets traps and their count."""
        self._ask((Command.CLEAR, self._bank, 0, 0, 0), "the traps stay latched")

    @contextmanager
    def change(self) -> Iterator[StagedValues]:
        """Values that are assigned inside take effect at its end, together; none, if it ends by an error."""
        self.begin()
        try:
            yield StagedValues(self)
            self.apply()
        except BaseException:
            self.begin()
            raise

    def _ask(self, request: Request, consequence: str) -> None:
        answer, self._traps, self._trap_count = self._requests.ask(request)
        status = Status(answer)
        if status is not Status.DONE:
            asked = Command(request[0]).name
            raise LinkError(
                f"parameter bank {self._bank} refuses {asked}: {status.name}, so {consequence}; "
                f"{REMEDIES[status]}"
            )


DIFFERENT = "is the host's register map that of the hardware?"
REMEDIES: Mapping[Status, str] = {
    Status.UNKNOWN_BANK: "it has another number: see the `bank` it was built with",
    Status.UNKNOWN_ENTRY: DIFFERENT,
    Status.DOES_NOT_FIT: DIFFERENT,
    Status.NOTHING_TO_APPLY: "stage a value first",
    Status.WRONG_SUM: "a request was lost or changed on its way: begin(), and stage all again",
    Status.NOTHING_BEFORE: "only the set before the last apply() is kept, and once",
    Status.UNKNOWN_COMMAND: "is this a parameter bank?",
}

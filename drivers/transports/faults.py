"""Faults of a line, on purpose: a wrapper around any transport, repeatable by its seed."""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, fields

from spikelock.models.errors import BadInput, LineLost

from .transport import Transport

LONGEST_STALL = 0.05
"""Seconds."""

LONGEST_REORDERING = 8
"""Pieces that overtake another, at most."""

LONGEST_HOLD = 0.005
"""Seconds that a piece waits for others to overtake it."""

LONGEST_PIECE = 512
MOST_QUEUED = 64
END_OF_FRAME = 0


@dataclass(frozen=True)
class Faults:
    """How often what goes wrong, in each direction.

    bit_errors: of each bit. All others: of each piece, which is a datagram, or what ends with a byte 0, as
    a frame does. loss, duplication: of the piece. reordering: it comes after up to 8 later ones. truncation:
    its end is missing. rubbish: random bytes come before it. stalls: nothing comes for up to 50 ms.
    disconnects: of each write: half of it goes, and then the line is lost until it is reopened.
    """

    bit_errors: float = 0.0
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    truncation: float = 0.0
    rubbish: float = 0.0
    stalls: float = 0.0
    disconnects: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in RATES:
            rate = getattr(self, name)
            if not 0.0 <= rate < 1.0:
                raise BadInput(f"faults: {name} = {rate}: rates are 0 … 1, as in {EXAMPLE}")


RATES = tuple(field.name for field in fields(Faults) if field.name != "seed")
EXAMPLE = "bit_errors=1e-4,loss=0.01,seed=3"


def parse_faults(spec: str) -> Faults:
    """Of a text such as `bit_errors=1e-4,loss=0.01,seed=3`. Raises BadInput."""
    values: dict[str, float] = {}
    for part in filter(None, spec.split(",")):
        name, _, value = part.partition("=")
        if name not in (*RATES, "seed"):
            raise BadInput(f"faults: {name!r} is none; there are {', '.join(RATES)}, seed, as in {EXAMPLE}")
        try:
            values[name] = int(value) if name == "seed" else float(value)
        except ValueError:
            raise BadInput(f"faults: {part!r}: a number is needed, as in {EXAMPLE}") from None
    return Faults(**values)  # type: ignore[arg-type]


class _Direction:
    """What one direction of a line does to the pieces that pass."""

    def __init__(self, faults: Faults, seed: str, split: bool, clock: Callable[[], float]) -> None:
        self._faults = faults
        self._random = random.Random(seed)
        self._split = split
        self._clock = clock
        self._begun = bytearray()
        self._held: list[tuple[int, float, bytes]] = []  # number of the piece and time that release it
        self._number = 0
        self._stalled_until = 0.0
        self._bits_to_error = self._gap()
        self.happened: Counter[str] = Counter()
        self.queue: deque[bytes] = deque()

    def put(self, data: bytes) -> None:
        """Queues what becomes of the data."""
        if not self._split:
            self._pass(bytearray(data))
            return
        *ended, rest = data.split(bytes([END_OF_FRAME]))
        for part in ended:
            self._begun += part
            self._begun.append(END_OF_FRAME)
            self._pass(self._begun)
            self._begun = bytearray()
        self._begun += rest
        if len(self._begun) > LONGEST_PIECE:
            self._pass(self._begun)
            self._begun = bytearray()

    def next(self) -> bytes | None:
        """The piece that comes next, if one may come now; it stays until `taken`."""
        now = self._clock()
        self._release(now)
        return self.queue[0] if self.queue and now >= self._stalled_until else None

    def taken(self, count: int) -> None:
        """So many bytes of the next piece have been passed on."""
        piece = self.queue.popleft()
        if count < len(piece):
            self.queue.appendleft(piece[count:])

    def waiting(self) -> float | None:
        """Seconds until something may come that has not come yet; None where nothing is held back."""
        now = self._clock()
        if self.queue:
            return max(0.0, self._stalled_until - now)
        return max(0.0, min(time for _, time, _ in self._held) - now) if self._held else None

    def forget(self) -> None:
        """Of a line that was reopened."""
        self.queue.clear()
        self._held.clear()
        self._begun = bytearray()

    def happens(self, fault: str) -> bool:
        """Whether a fault happens now; it is counted."""
        rate: float = getattr(self._faults, fault)
        happens = rate > 0.0 and self._random.random() < rate
        if happens:
            self.happened[fault] += 1
        return happens

    def _pass(self, piece: bytearray) -> None:
        chance = self._random
        now = self._clock()
        self._number += 1
        if self.happens("stalls"):
            self._stalled_until = now + chance.random() * LONGEST_STALL
        if self.happens("rubbish"):
            self.queue.append(chance.randbytes(chance.randint(1, 300)))
        if not self.happens("loss"):
            if self.happens("truncation") and len(piece) > 1:
                del piece[chance.randrange(1, len(piece)) :]
            self._flip_bits(piece)
            whole = bytes(piece)
            if self.happens("duplication"):
                self.queue.append(whole)
            if self.happens("reordering"):
                later = chance.randint(1, LONGEST_REORDERING)
                self._held.append((self._number + later, now + LONGEST_HOLD, whole))
            else:
                self.queue.append(whole)
        self._release(now)

    def _release(self, now: float) -> None:
        if self._held:
            free = [held for held in self._held if held[0] <= self._number or held[1] <= now]
            self._held = [held for held in self._held if held not in free]
            self.queue.extend(piece for _, _, piece in free)

    def _flip_bits(self, piece: bytearray) -> None:
        bits = 8 * len(piece)
        while self._bits_to_error < bits:
            self.happened["bit_errors"] += 1
            piece[self._bits_to_error >> 3] ^= 1 << (self._bits_to_error & 7)
            self._bits_to_error += self._gap()
        self._bits_to_error -= bits

    def _gap(self) -> int:
        """Bits until the next error, geometrically distributed."""
        if self._faults.bit_errors <= 0.0:
            return 1 << 62
        return 1 + int(self._random.expovariate(self._faults.bit_errors))


class Faulty:
    """A transport on which things go wrong."""

    def __init__(self, line: Transport, faults: Faults, clock: Callable[[], float] = time.monotonic) -> None:
        self._line = line
        self._faults = faults
        self.name = f"{line.name} with faults"
        self.longest_write = line.longest_write
        self.datagrams = line.datagrams
        self.bytes_per_second = line.bytes_per_second
        self._out = _Direction(faults, f"{faults.seed} out", not line.datagrams, clock)
        self._in = _Direction(faults, f"{faults.seed} in", not line.datagrams, clock)
        self._buffer = memoryview(bytearray(line.longest_write + 1))
        self._lost = False

    @property
    def happened(self) -> Counter[str]:
        """How often each fault happened, in both directions."""
        return self._out.happened + self._in.happened

    def write(self, data: memoryview) -> int:
        self._pump()
        if len(self._out.queue) >= MOST_QUEUED:
            return 0
        if self._out.happens("disconnects"):
            self._line.write(data[: len(data) // 2])
            self._lost = True
        self._check()
        self._out.put(bytes(data))
        self._pump()
        return len(data)

    def read_into(self, buffer: memoryview) -> int:
        self._pump()
        self._check()
        count = self._line.read_into(self._buffer)
        if count:
            self._in.put(bytes(self._buffer[:count]))
        total = 0
        while (piece := self._in.next()) is not None and total < len(buffer):
            taken = min(len(piece), len(buffer) - total)
            buffer[total : total + taken] = piece[:taken]
            self._in.taken(taken)
            total += taken
            if self.datagrams:
                break
        return total

    def wait(self, timeout: float, to_write: bool = False) -> None:
        self._pump()
        self._check()
        held = [wait for direction in (self._in, self._out) if (wait := direction.waiting()) is not None]
        self._line.wait(min([timeout, *held]), to_write)
        self._pump()

    def reopen(self) -> None:
        self._line.reopen()
        self._out.forget()
        self._in.forget()
        self._lost = False

    def close(self) -> None:
        self._line.close()

    def _pump(self) -> None:
        """Passes on what may go now."""
        while not self._lost and (piece := self._out.next()) is not None:
            count = self._line.write(memoryview(piece))
            if count == 0:
                return
            self._out.taken(count)

    def _check(self) -> None:
        if self._lost:
            raise LineLost(f"{self.name} is lost: a disconnect was wanted; resume the link")

"""Single-event upsets: a design in which every bit of state can be flipped from outside.

Each flip-flop's D is XORed with a mask. Each memory gets one more write port, which inverts, at the falling
edge of the clock, the bits of a word that a mask names: in the middle of a cycle, so that an ordinary write
at its end still counts. All masks and addresses together are one new input, `upsets`; all zeros is no upset.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spikelock.models.errors import SpikelockError
from spikelock.models.fixed import Q
from spikelock.models.ports import Port, Records, index_bits
from spikelock.testbenches.lockstep.verilog import TOP
from spikelock.testbenches.yosys import kept_yosys

PORT = "upsets"
"""Name of the input that carries the masks and addresses."""

FLATTEN = f"""\
read_rtlil design.il
hierarchy -top {TOP}
proc
flatten
memory_collect
memory_nordff
dffunmap
opt_clean
memory_unpack
write_rtlil flat.il
"""
"""One module in which all state is `$dff` cells and memories that are read at once."""

WRITE = """\
read_rtlil design.il
memory_collect
opt_clean
write_verilog -norename design.v
"""

MASK_BITS = 32
"""A mask is divided into fields of at most so many bits."""


@dataclass(frozen=True)
class Store:
    """A register, with depth 1, or a memory: `depth` words of `width` bits. first: its first field."""

    name: str
    width: int
    depth: int
    first: int

    @property
    def bits(self) -> int:
        """Bits of state it holds."""
        return self.width * self.depth

    @property
    def is_memory(self) -> bool:
        """It is a memory, not a register."""
        return self.depth > 1


@dataclass(frozen=True)
class Upset:
    """One bit of one word of a store, flipped in one cycle of a run."""

    store: Store
    word: int
    bit: int
    cycle: int

    def __str__(self) -> str:
        word = f"word {self.word}, " if self.store.is_memory else ""
        return f"{word}bit {self.bit} flips in cycle {self.cycle}"


@dataclass(frozen=True)
class Upsettable:
    """A design as Verilog, its state, and the port through which that is upset."""

    verilog: str
    stores: Sequence[Store]
    port: Port

    def levels(self, upset: Upset | None) -> Mapping[str, Records]:
        """Levels of a `Job` in which this upset happens; None: none does."""
        return self.levels_of([] if upset is None else [upset])

    def levels_of(self, upsets: Sequence[Upset]) -> Mapping[str, Records]:
        """Levels of a `Job` in which all these happen; of a memory only one word can be upset in a cycle."""
        last = max((upset.cycle for upset in upsets), default=-1)
        records = np.zeros(last + 2, self.port.dtype)
        names = list(self.port.fields)
        for upset in upsets:
            store = upset.store
            part, offset = divmod(upset.bit, MASK_BITS)
            records[names[store.first + part]][upset.cycle] ^= 1 << offset
            if store.is_memory:
                records[names[store.first + _parts(store.width)]][upset.cycle] = upset.word
        return {PORT: records}


def upsettable(rtlil: str) -> Upsettable:
    """A design, its top module `dut` with one clock `clk` and its reset `rst`, made upsettable.

    One without state has no stores, no port and no Verilog.
    Raises SpikelockError where it holds state that cannot be upset, such as latches.
    """
    flat = kept_yosys(FLATTEN, {"design.il": rtlil}, "flat.il")
    writer = _Writer(flat)
    text = writer.rewritten()
    if not writer.stores:
        return Upsettable("", (), Port({}, kind="level"))
    verilog = kept_yosys(WRITE, {"design.il": text}, "design.v")
    return Upsettable(verilog, writer.stores, Port(writer.fields, kind="level"))


CELL = re.compile(r"^  cell (\$\S+) (\S+)\n(.*?)^  end\n", re.MULTILINE | re.DOTALL)
MEMORY = re.compile(r"^  memory (.*?)(\\\S+)\n", re.MULTILINE)
STATEFUL = re.compile(r"\$(?:_?[DS]?FF|a?l?dff|s?dff|dlatch|sr|ff$|anyinit)")
"""Cells that hold state; all but `$dff` are refused."""


class _Writer:
    """Adds the masks to a flat design; collects the stores and fields as it goes."""

    def __init__(self, flat: str) -> None:
        self.flat = flat
        self.stores: list[Store] = []
        self.fields: dict[str, Q] = {}
        self._held = {
            match[2]: match[1]
            for match in re.finditer(r"cell \$mux .*\n((?:    .*\n)*?) *connect \\Y (.*)\n", flat)
        }
        """By their outputs, the multiplexers that keep a register as it is while it is not enabled."""
        self._wires: list[str] = []
        self._cells: list[str] = []
        self._writes = len(re.findall(r"^  cell \$memwr_v2 ", flat, re.MULTILINE))

    def rewritten(self) -> str:
        """The design as RTLIL, with the input added."""
        flipped = CELL.sub(self._upset_register, self.flat)
        for match in MEMORY.finditer(self.flat):
            self._upset_memory(match[2], _number("width", match[1]), _number("size", match[1]))
        width = sum(q.width for q in self.fields.values())
        ports = [int(n) for n in re.findall(r"(?:input|output|inout) (\d+)", flipped)]
        self._wires += [
            f"  wire width {width} input {max(ports) + 1} \\{PORT}\n",
            f"  wire width {width} $upsets\n",
        ]
        # No upset in reset: there a test bench may not have given the port a value yet.
        gate = {"A": f"\\{PORT}", "B": f"{width}'{'0' * width}", "S": "\\rst", "Y": "$upsets"}
        self._cells.append(_cell("$mux", "$upsets_gate", {"WIDTH": width}, **gate))
        head = f"module \\{TOP}\n"
        begin, end = flipped.index(head) + len(head), flipped.rindex("end\n")
        return "".join([flipped[:begin], *self._wires, flipped[begin:end], *self._cells, flipped[end:]])

    def _upset_register(self, match: re.Match[str]) -> str:
        kind, name, body = match.groups()
        if kind != "$dff":
            if STATEFUL.match(kind):
                raise SpikelockError(
                    f"{name} is a {kind}: upsets are for flip-flops with one clock, and memories"
                )
            return match[0]
        width = _number(r"\\WIDTH", body)
        data = re.search(r"connect \\D (.*)", body)
        state = re.search(r"connect \\Q (.*)", body)
        assert data
        assert state
        number = len(self.stores)
        mask = self._mask(_name_of(data[1] + self._held.get(data[1], ""), state[1]), width, 1)
        upset = f"$upset{number}"
        self._wires.append(f"  wire width {width} {upset}\n")
        self._cells.append(_binary("$xor", f"{upset}_xor", width, data[1], mask, upset))
        return match[0].replace(data[0], f"connect \\D {upset}")

    def _upset_memory(self, name: str, width: int, depth: int) -> None:
        number, bits = len(self.stores), index_bits(depth)
        mask = self._mask(name.removeprefix("\\"), width, depth)
        address = self._take(bits)
        old, new, hit = (f"$upset{number}_{part}" for part in ("old", "new", "hit"))
        self._wires += [f"  wire width {w} {wire}\n" for wire, w in ((old, width), (new, width), (hit, 1))]
        common: dict[str, object] = {
            "MEMID": f'"{name.replace(chr(92), 2 * chr(92))}"',
            "ABITS": bits,
            "WIDTH": width,
        }
        none = f"{width}'{'x' * width}"
        reading: dict[str, object] = {
            "CLK_ENABLE": 0,
            "CLK_POLARITY": 0,
            "TRANSPARENCY_MASK": "0'",
            "COLLISION_X_MASK": "0'",
        }
        reading |= {"CE_OVER_SRST": 0, "ARST_VALUE": none, "SRST_VALUE": none, "INIT_VALUE": none}
        writing: dict[str, object] = {"CLK_ENABLE": 1, "CLK_POLARITY": 0, "PORTID": self._writes}
        writing |= {"PRIORITY_MASK": f"{self._writes}'{'0' * self._writes}"}
        pins = {"ADDR": address, "CLK": "1'x", "EN": "1'1", "ARST": "1'0", "SRST": "1'0"}
        any_bit = {"A_SIGNED": 0, "A_WIDTH": width, "Y_WIDTH": 1}
        self._cells += [
            _cell("$memrd_v2", f"$upset{number}_read", {**common, **reading}, DATA=old, **pins),
            _binary("$xor", f"$upset{number}_xor", width, old, mask, new),
            _cell("$reduce_or", f"$upset{number}_any", any_bit, A=mask, Y=hit),
            _cell(
                "$memwr_v2",
                f"$upset{number}_write",
                {**common, **writing},
                ADDR=address,
                DATA=new,
                EN=f"{{ {' '.join([hit] * width)} }}",
                CLK="\\clk",
            ),
        ]
        self._writes += 1

    def _mask(self, name: str, width: int, depth: int) -> str:
        """A new store, and the bits of the port that are its mask."""
        self.stores.append(Store(name, width, depth, len(self.fields)))
        parts = [self._take(min(MASK_BITS, width - low)) for low in range(0, width, MASK_BITS)]
        return f"{{ {' '.join(reversed(parts))} }}"

    def _take(self, width: int) -> str:
        """The next bits of the port, as a field of their own."""
        low = sum(q.width for q in self.fields.values())
        self.fields[f"field{len(self.fields)}"] = Q(width, signed=False)
        return f"$upsets [{low + width - 1}:{low}]"


def _parts(width: int) -> int:
    return -(-width // MASK_BITS)


def _number(name: str, text: str) -> int:
    match = re.search(rf"{name} (\d+)", text)
    return int(match[1]) if match else 1  # RTLIL leaves out a width, and a size, of 1


def _name_of(data: str, state: str) -> str:
    """Name of a register in the source: of the wire it drives or, in a memory's read port, of the memory."""
    if memory := re.search(r"\$\\?(\S+)\$rdreg", f"{data} {state}"):
        return f"{memory[1]} (read)"
    names = re.findall(r"\\\$?([^\s\[]+)", state)
    return ", ".join(dict.fromkeys(names)) or state


def _cell(kind: str, name: str, parameters: Mapping[str, object], **connections: str) -> str:
    return "".join(
        [
            f"  cell {kind} {name}\n",
            *(f"    parameter \\{key} {value}\n" for key, value in parameters.items()),
            *(f"    connect \\{pin} {signal}\n" for pin, signal in connections.items()),
            "  end\n",
        ]
    )


def _binary(kind: str, name: str, width: int, a: str, b: str, y: str) -> str:
    sizes = {"A_SIGNED": 0, "B_SIGNED": 0, "A_WIDTH": width, "B_WIDTH": width, "Y_WIDTH": width}
    return _cell(kind, name, sizes, A=a, B=b, Y=y)

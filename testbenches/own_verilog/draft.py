"""A first `map.toml`, guessed from the ports of a module: names, widths, and what clocks and resets it."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Sequence

from spikelock.models.core import Core
from spikelock.models.ports import Port

from .clocking import ResetUse, read_clocking
from .interface import Interface, ModulePort, bits, read_interface
from .mapping import HANDSHAKE
from .parameters import read_fields

USUAL = {
    "valid": ("valid", "vld", "strobe", "enable", "en", "ce", "start", "step", "tick", "done"),
    "ready": ("ready", "rdy"),
    "clock": ("clk", "clock"),
    "reset": ("rst", "reset", "arst", "nrst", "rstn"),
}
"""Words in the names of ports that usually do these things."""


def draft(source: str, top: str, core: Core) -> str:
    """The text of a map for the module `top` in the place of a core with its usual parameters.

    What is unsure has a comment that says so; a port that was not found is empty, so that the map is not
    taken before it is filled in. Raises BadInput where the Verilog cannot be read.
    """
    return "\n".join(_Draft(read_interface(source, top), source, core).lines()) + "\n"


class _Draft:
    def __init__(self, interface: Interface, source: str, core: Core) -> None:
        self.interface, self.core, self.params = interface, core, core.params()
        self.clocking = read_clocking(source, interface.name)
        self.free = {port.name: port for port in interface.ports.values() if port.direction != "inout"}

    def lines(self) -> list[str]:
        clock, reset = self._clock(), self._reset()
        pins, outputs = self.core.pins(self.params), self.core.outputs(self.params)
        entries: dict[tuple[str, str], str] = {}
        ports = [(name, port, "input") for name, port in pins.items()]
        ports += [(name, port, "output") for name, port in outputs.items()]
        for sure in (True, False):  # certain names first, so that a guess takes none of theirs
            for name, port, direction in ports:
                for key, width, wanted in _needs(port, direction):
                    if (name, key) not in entries and (line := self._entry(name, key, width, wanted, sure)):
                        entries[name, key] = line
        for name, port, direction in ports:
            for key, width, wanted in _needs(port, direction):
                if port.kind == "stream" and key not in HANDSHAKE and (name, key) not in entries:
                    entries |= self._only_one(name, key, width, wanted)
        lines = [
            f"# How {self.interface.name} stands in the place of {self.core.name}.",
            "# A draft: what is unsure says so.",
            f'top = "{self.interface.name}"',
            "",
            *clock,
            *reset,
        ]
        for name, port, direction in ports:
            lines += self._table(name, port, direction, entries)
        has_registers = any(stream == "registers" for stream, _ in entries)
        return [*lines, *self._parameters(), *self._params(has_registers), *self._rest()]

    # ------------------------------------------------------------ clock and reset

    def _clock(self) -> list[str]:
        if self.clocking.clocks:
            (name, edge), count = self.clocking.clocks.most_common(1)[0]
            why = f"clocks {count} flip-flops"
        else:
            name, edge, why = self._named("clock"), "rising", "unsure: by its name, or none was found"
        self.free.pop(name, None)
        return ["[clock]", f'port = "{name}"  # {why}', f'edge = "{edge}"', ""]

    def _reset(self) -> list[str]:
        if self.clocking.resets:
            use, count = self.clocking.resets.most_common(1)[0]
            why = f"resets {count} flip-flops"
        else:
            name = self._named("reset")
            use = ResetUse(name, "synchronous", "low" if re.search("n$|^n|_b$", name.lower()) else "high")
            why = "unsure: by its name, or none was found"
        self.free.pop(use.port, None)
        return [
            "[reset]",
            f'port = "{use.port}"  # {why}',
            f'active = "{use.active}"',
            f'kind = "{use.kind}"',
            "",
        ]

    def _named(self, kind: str) -> str:
        inputs = [port.name for port in self.interface.of_direction("input") if port.width == 1]
        return next((name for name in inputs if any(word in name.lower() for word in USUAL[kind])), "")

    # ------------------------------------------------------------ streams and levels

    def _entry(self, stream: str, key: str, width: int, direction: str, sure: bool) -> str | None:
        """The line that names the likeliest of the free ports, which it takes; None where none is likely."""
        likely = [
            (_likeness(port.name, key, stream), port)
            for port in self.free.values()
            if port.direction == direction and (key not in HANDSHAKE or port.width == 1)
        ]
        score, port = max(likely, key=lambda one: one[0], default=(0.0, None))
        if port is None or score < (1.0 if sure else 0.3):
            return None
        del self.free[port.name]
        doubts = [] if sure else ["unsure: by a part of its name"]
        if port.width != width:
            doubts.append(f"has {bits(port.width)}, not {width}: adapt [params], or name a part of it")
        return f'{key} = "{port.name}"' + (f"  # {'; '.join(doubts)}" if doubts else "")

    def _only_one(self, stream: str, key: str, width: int, direction: str) -> dict[tuple[str, str], str]:
        """The one port left that a field fits."""
        fitting = [p for p in self.free.values() if (p.direction, p.width) == (direction, width)]
        if len(fitting) != 1:
            return {}
        del self.free[fitting[0].name]
        return {(stream, key): f'{key} = "{fitting[0].name}"  # unsure: the only one left of {bits(width)}'}

    def _table(self, name: str, port: Port, direction: str, entries: dict[tuple[str, str], str]) -> list[str]:
        if port.kind == "level":
            found = [entries[name, key] for key in port.fields if (name, key) in entries]
            missing = [key for key in port.fields if (name, key) not in entries]
            note = [f"# {', '.join(missing)}: no port was found"] if missing else []
            return [f"[levels.{name}]", *found, *note, ""] if found else []
        lines = [f"[streams.{name}]"]
        for key, width, wanted in _needs(port, direction):
            if (name, key) in entries:
                lines.append(entries[name, key])
            elif key in HANDSHAKE:
                lines.append(f'# {key} = ""  # none was found: {WITHOUT[direction, key]}')
            else:
                lines.append(f'{key} = ""  # not found: {_among(self.free.values(), wanted, width)}')
        return [*lines, ""]

    # ------------------------------------------------------------ parameters and what is left

    def _parameters(self) -> list[str]:
        """Each parameter of the module, and the field of Params that it may follow."""
        numbers = {name: value for name, value in self.interface.parameters.items() if isinstance(value, int)}
        fields = read_fields(self.core)
        scores = sorted(
            (
                (_likeness(name, field, "") + 0.05 * (value == getattr(self.params, field)), name, field)
                for name, value in numbers.items()
                for field in fields
            ),
            reverse=True,
        )
        follows: dict[str, str] = {}
        for score, name, field in scores:
            if score >= 0.3 and name not in follows and field not in follows.values():
                follows[name] = field
        return [
            "[parameters]",
            *(
                f'{name} = "{follows[name]}"  # unsure: by its name; now {value}'
                if name in follows
                else f"# {name} = {_toml(value)}  # unsure: stays as it is, or follows a field of Params"
                for name, value in self.interface.parameters.items()
                if value is not None
            ),
            "",
        ]

    def _params(self, has_registers: bool) -> list[str]:
        fields = read_fields(self.core)
        known = textwrap.wrap(f"values that differ from the usual ones, of: {', '.join(fields)}", 100)
        constants = ["constants = true"] if "constants" in fields and not has_registers else []
        return ["[params]", *(f"# {line}" for line in known), *constants, ""]

    def _rest(self) -> list[str]:
        inputs = [port for port in self.free.values() if port.direction == "input"]
        return [
            *(["[constants]"] if inputs else []),
            *(f"# {port.name} = 0  # unsure: {bits(port.width)} that nothing else drives" for port in inputs),
            *([""] if inputs else []),
            "[timing]",
            "# latency = 1  # cycles from an input to its output; needed where the output has no valid",
            "# interval = 1  # cycles between two inputs",
        ]


def _toml(value: int | float | str) -> str:
    return json.dumps(f"'{value}'" if isinstance(value, str) else value)


WITHOUT = {
    ("input", "valid"): "one step in every cycle, the clock stands still in between",
    ("input", "ready"): "it takes an input in every cycle",
    ("output", "valid"): "[timing] latency says when an output comes",
    ("output", "ready"): "its outputs cannot be held back",
}
"""What it means that a module has no such port."""


def _needs(port: Port, direction: str) -> list[tuple[str, int, str]]:
    """Name, width and direction of the ports of a stream or level of the core."""
    fields = [(name, q.width, direction) for name, q in port.fields.items()]
    back = "output" if direction == "input" else "input"
    return ([("valid", 1, direction), ("ready", 1, back)] if port.kind == "stream" else []) + fields


def _likeness(name: str, key: str, stream: str) -> float:
    """From 0 to 1, how likely a port or parameter of this name stands for a field."""
    words = [
        word for word in re.split(r"[_\W\d]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()) if word
    ]
    wanted = key.lower().split("_")
    alike = USUAL.get(key, ())
    if (
        words == wanted
        or name.lower() == key
        or (set(words) <= set(wanted) | {stream, "i", "o", "in", "out"} and set(wanted) <= set(words))
    ):
        return 1.0
    if any(word in alike for word in words):
        return 1.0 if _belongs(words, stream) else 0.6
    starts = sum(any(len(w) > 1 and (k.startswith(w) or w.startswith(k)) for w in words) for k in wanted)
    return 0.7 * starts / len(wanted)


def _belongs(words: Sequence[str], stream: str) -> bool:
    """Whether a word of a name says that it is of this stream."""
    return any(stream.startswith(word) or word.startswith(stream) for word in words if word != "valid")


def _among(ports: Iterable[ModulePort], direction: str, width: int) -> str:
    some = [f"{port.name} ({bits(port.width)})" for port in ports if port.direction == direction]
    return f"{bits(width)}; one of {', '.join(some)}?" if some else f"{bits(width)}; no port is left"

"""`map.toml`: how a Verilog module stands in the place of a core.

    top = "my_lif"

    [clock]                     port, edge = "rising" or "falling"
    [reset]                     port, active = "high" or "low", kind = "synchronous" or "asynchronous"
    [streams.input]             valid, ready, and a port for each field; one for each stream of the core
    [levels.registers]          a port for each field that has one
    [parameters]                Verilog parameter = a field of Params, a sum of them, or a constant
    [constants]                 input port = the value it always has
    [params]                    field of Params = the value for which the module was made
    [timing]                    latency, interval: what is promised while nothing stalls

A port is named as `name`, a part of it as `name[7:0]`, its inverse as `!name`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from spikelock.models.errors import BadInput

from .clocking import Active, Edge, Kind
from .interface import Value

PORT = re.compile(r"(!?)(\w+)(?:\[(\d+)(?::(\d+))?\])?")
SUM = re.compile(r"\w+( [+-] \w+)*")
HANDSHAKE = ("valid", "ready")


@dataclass(frozen=True)
class PortPart:
    """A port, or its bits `high` down to `low`; None for all of it. inverted: its opposite is meant."""

    port: str
    high: int | None = None
    low: int = 0
    inverted: bool = False


@dataclass(frozen=True)
class ModuleMap:
    """The contents of a map; `name` is what messages call it."""

    name: str
    top: str
    clock: str
    edge: Edge
    reset: str
    active: Active
    kind: Kind
    streams: Mapping[str, Mapping[str, PortPart]]
    levels: Mapping[str, Mapping[str, PortPart]] = field(default_factory=dict)
    parameters: Mapping[str, Value] = field(default_factory=dict)
    constants: Mapping[str, int] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    latency: int | None = None
    interval: int | None = None

    def error(self, table: str, message: str) -> BadInput:
        """An error in one of its tables."""
        return BadInput(f"{self.name}: [{table}] {message}")


TABLES: Mapping[str, tuple[str, ...] | None] = {
    "clock": ("port", "edge"),
    "reset": ("port", "active", "kind"),
    "streams": None,
    "levels": None,
    "parameters": None,
    "constants": None,
    "params": None,
    "timing": ("latency", "interval"),
}
"""The tables of a map and their keys; None where the keys are names of the core's or of the module's."""


def read_map(text: str, name: str) -> ModuleMap:
    """The map of a file's text. Raises BadInput where it breaks a rule of the format."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{name} is not TOML: {error}") from error
    return _Reader(name, data).read()


class _Reader:
    def __init__(self, name: str, data: dict[str, Any]) -> None:
        self.name, self.data = name, data

    def read(self) -> ModuleMap:
        for key, value in self.data.items():
            if key != "top" and key not in TABLES:
                raise BadInput(
                    f"{self.name}: {key!r} is nothing of a map; there are: top, {', '.join(TABLES)}"
                )
            if (key == "top") == isinstance(value, dict):
                raise BadInput(f'{self.name}: {key} = {value!r}: top = "NAME" and tables such as [clock] fit')
            if known := TABLES.get(key):
                for unknown in (one for one in value if one not in known):
                    raise self.error(key, f"has no {unknown!r}; it has: {', '.join(known)}")
        return ModuleMap(
            self.name,
            self.text("", "top"),
            self.text("clock", "port"),
            self.choice("clock", "edge", Edge, "rising"),
            self.text("reset", "port"),
            self.choice("reset", "active", Active, None),
            self.choice("reset", "kind", Kind, None),
            self.ports("streams"),
            self.ports("levels"),
            {name: self.parameter(name, value) for name, value in self.table("parameters").items()},
            {name: self.whole("constants", name, 0) or 0 for name in self.table("constants")},
            self.table("params"),
            self.whole("timing", "latency", 0),
            self.whole("timing", "interval", 1),
        )

    def error(self, table: str, message: str) -> BadInput:
        return BadInput(f"{self.name}: {f'[{table}] ' if table else ''}{message}")

    def table(self, name: str) -> dict[str, Any]:
        return self.data.get(name, {})

    def text(self, table: str, key: str) -> str:
        value = (self.table(table) if table else self.data).get(key, "")
        if not isinstance(value, str) or not re.fullmatch(r"\w+", value):
            raise self.error(
                table, f"{key} = {value!r}: the name of a {'port' if table else 'module'} is needed"
            )
        return value

    def choice(self, table: str, key: str, kind: Any, usual: str | None) -> Any:
        value = self.table(table).get(key, usual)
        if value not in get_args(kind):
            choices = " or ".join(f'"{one}"' for one in get_args(kind))
            raise self.error(table, f"{key} = {value!r}: {choices} is needed")
        return value

    def whole(self, table: str, key: str, least: int) -> int | None:
        value = self.table(table).get(key)
        if value is not None and (type(value) is not int or value < least):
            raise self.error(table, f"{key} = {value!r}: a whole number, {least} or more, is needed")
        return value

    def ports(self, table: str) -> dict[str, dict[str, PortPart]]:
        found: dict[str, dict[str, PortPart]] = {}
        for name, fields in self.table(table).items():
            if not isinstance(fields, dict):
                raise self.error(table, f"{name} = {fields!r}: a table [{table}.{name}] is needed")
            for one, value in fields.items():
                match = PORT.fullmatch(value) if isinstance(value, str) else None
                if match is None:
                    raise self.error(
                        f"{table}.{name}",
                        f'{one} = {value!r}: a port is needed, such as "v", "v[7:0]" or "!busy"',
                    )
                high = None if match[3] is None else int(match[3])
                low = int(match[4] or match[3] or 0)
                if high is not None and high < low:
                    raise self.error(f"{table}.{name}", f"{one} = {value!r}: the high bit comes first")
                found.setdefault(name, {})[one] = PortPart(match[2], high, low, bool(match[1]))
            found.setdefault(name, {})
        return found

    def parameter(self, name: str, value: Any) -> Value:
        if isinstance(value, bool):
            return int(value)
        if not isinstance(value, int | float | str):
            raise self.error(
                "parameters",
                f'{name} = {value!r}: a field of Params, a sum such as "width - fraction", or a constant',
            )
        return value

"""Ports and parameters of a Verilog module, as Verilator understands them."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from spikelock.models.errors import BadInput
from spikelock.testbenches import toolchain
from spikelock.testbenches.lockstep.verilog import SOURCE, TOP
from spikelock.testbenches.places import place, with_places

Value = int | float | str
"""Of a Verilog parameter."""

NUMBER = re.compile(r"(\d+)'s?h([0-9a-f]+)|(\d+)'s?d(\d+)")

MODULE = re.compile(
    r"^\s*(?:\(\*.*?\*\)\s*)*(?:macro)?module\s+(?:automatic\s+|static\s+)?(\w+)", re.MULTILINE
)


@dataclass(frozen=True)
class ModulePort:
    """A port. width: bits; None where it is no vector of bits. where: its file and line."""

    name: str
    direction: str
    width: int | None
    where: str

    def __str__(self) -> str:
        return f"{self.name} ({self.direction}, {bits(self.width)})"


@dataclass(frozen=True)
class Interface:
    """What a module shows: its ports, and its parameters with their values."""

    name: str
    ports: Mapping[str, ModulePort]
    parameters: Mapping[str, Value | None]

    def of_direction(self, direction: str) -> list[ModulePort]:
        """Its inputs, outputs or inouts."""
        return [port for port in self.ports.values() if port.direction == direction]


def bits(width: int | None) -> str:
    """A number of bits in words."""
    return "no vector" if width is None else f"{width} bit{'s' * (width != 1)}"


def literal(value: Value) -> str:
    """A value as Verilog writes it."""
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, float) or -(1 << 31) < value < 1 << 31:
        return str(value)
    sign = "-" if value < 0 else ""
    return f"{sign}{value.bit_length() + 1}'sd{abs(value)}"


def instance(top: str, parameters: Mapping[str, Value], name: str, connections: str = "") -> str:
    """Verilog that places a module."""
    values = ", ".join(f".{parameter}({literal(value)})" for parameter, value in parameters.items())
    return f"{top} {f'#({values}) ' if values else ''}{name} ({connections});"


def read_interface(text: str, top: str, parameters: Mapping[str, Value] | None = None) -> Interface:
    """Ports and parameters of the module `top` of a Verilog text, under some values of its parameters.

    Raises BadInput for text that is not Verilog, with file and line, for a module or parameter that is not
    there, and for a value that does not fit its parameter; MissingTool without Verilator.
    """
    return _read(text, top, tuple((parameters or {}).items()))


@lru_cache(maxsize=64)
def _read(text: str, top: str, parameters: tuple[tuple[str, Value], ...]) -> Interface:
    modules = MODULE.findall(text)
    if top not in modules:
        raise BadInput(f"--top {top}: there is no such module; there are: {', '.join(modules) or 'none'}")
    if TOP in modules:
        raise BadInput(f"a module is called {TOP}, as is the one that is put around yours: rename it")
    placed = f"module {TOP};\n{instance(top, dict(parameters), 'placed')}\nendmodule\n"
    tree = _elaborate(f"{text}// source {top}:0\n{placed}")
    nodes = {node["addr"]: node for node in _nodes(tree)}
    module = next(m for m in tree["modulesp"] if m.get("origName") == top)
    variables = [v for v in module["stmtsp"] if v["type"] == "VAR"]
    ports = [v for v in variables if v["direction"] != "NONE"]
    found = Interface(
        top,
        {
            v["name"]: ModulePort(v["name"], v["direction"].lower(), _width(v, nodes), _where(v, text))
            for v in ports
        },
        {v["name"]: _value(v, nodes) for v in variables if v["varType"] == "GPARAM"},
    )
    for name, value in parameters:
        if (became := found.parameters[name]) != value:
            raise BadInput(
                f"parameter {name} of {top}: the value {value!r} becomes {became!r} there; "
                "values that fit the type of the parameter work"
            )
    return found


def _elaborate(text: str) -> Any:
    verilator = toolchain.verilator_root() / "bin" / "verilator_bin"
    command: list[str | Path] = [
        verilator,
        "--json-only",
        "--top-module",
        TOP,
        "-Wno-fatal",
        "-Wno-lint",
        "--no-timing",
        SOURCE,
    ]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, SOURCE).write_text(text)
        done = subprocess.run(
            command, cwd=folder, env=toolchain.environment(), capture_output=True, text=True, errors="replace"
        )
        if done.returncode:
            raise BadInput(_errors(done.stderr + done.stdout, text))
        return json.loads(Path(folder, "obj_dir", f"V{TOP}.tree.json").read_text())


def _errors(printed: str, text: str) -> str:
    """What Verilator complains about, each with its file, line and column."""
    found = re.findall(r"^%Error(?:-\w+)?: (.*(?:\n +\d+ \|.*\n +\|.*)?)", printed, re.MULTILINE)
    told = [
        re.sub(r"^ +\d+ ", "    ", one, flags=re.MULTILINE) for one in found if "Exiting due to" not in one
    ]
    return "Verilator refuses the Verilog: " + with_places("\n".join(told[:5]) or printed, text, SOURCE)


def _nodes(tree: Any) -> Iterator[Any]:
    if isinstance(tree, list):
        for one in tree:
            yield from _nodes(one)
    elif isinstance(tree, dict):
        if "addr" in tree:
            yield tree
        for one in tree.values():
            yield from _nodes(one)


def _width(node: Any, nodes: Mapping[str, Any]) -> int | None:
    """Bits of a variable or type; None where it is not packed."""
    match node["type"]:
        case "BASICDTYPE" if node["keyword"] in ("real", "string", "event", "chandle"):
            return None
        case "BASICDTYPE":
            return _range(node.get("range", "0:0"))
        case "PACKARRAYDTYPE":
            inner = _width(nodes[node["refDTypep"]], nodes)
            return None if inner is None else inner * _range(node["declRange"].strip("[]"))
        case "STRUCTDTYPE" if node.get("packed"):
            parts = [_width(member, nodes) for member in node["membersp"]]
            return None if None in parts else sum(part for part in parts if part is not None)
        case "VAR":
            return _width(nodes[node["dtypep"]], nodes)
        case "REFDTYPE" | "ENUMDTYPE" | "MEMBERDTYPE":
            return _width(nodes[node["refDTypep"]], nodes)
        case _:
            return None


def _range(text: str) -> int:
    high, low = map(int, text.split(":"))
    return abs(high - low) + 1


def _value(node: Any, nodes: Mapping[str, Any]) -> Value | None:
    """The value of a parameter; None where it is no constant number or text."""
    constants = [one for one in node.get("valuep", []) if one["type"] == "CONST"]
    if not constants:
        return None
    text, kind = constants[0]["name"], nodes[node["dtypep"]]
    if text.startswith('\\"'):
        return str(json.loads(text.replace('\\"', '"')))
    if match := NUMBER.fullmatch(text):
        value = int(match[2], 16) if match[2] else int(match[4])
        width = int(match[1] or match[3])
        return value - (1 << width) if kind.get("signed") and value >> (width - 1) else value
    try:
        return float(text)
    except ValueError:
        return None


def _where(node: Any, text: str) -> str:
    line = int(re.split("[,:]", node["loc"])[1])
    return place(text, line) or f"line {line}"

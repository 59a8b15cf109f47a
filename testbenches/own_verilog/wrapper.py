"""Verilog around a user's module that gives it the ports of a core."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spikelock.models.core import Core, Timing
from spikelock.models.errors import BadInput
from spikelock.testbenches.lockstep.verilog import TOP, Verilog
from spikelock.testbenches.places import WRAPPER

from .fitting import check_clocking, fields_of, find_port, names_text, part_text
from .handshakes import check_fields, needs_queue
from .interface import Interface, Value, bits, instance, read_interface
from .mapping import HANDSHAKE, ModuleMap, PortPart
from .parameters import parameter_values

QUEUE = Path(__file__).parent / "queue.v"
UNKNOWN_LATENCY = 7
"""Room is made for so many results on the way where the map does not say how many there are."""


def wrap(source: str, found: ModuleMap, core: Core, params: Any) -> Verilog:
    """The module of a Verilog text, wrapped as its map says, in the place of the core with these parameters.

    Raises BadInput where map, module and core do not fit; the message says which port or parameter.
    """
    parameters = parameter_values(found, core, params)
    known = read_interface(source, found.top).parameters
    for name in parameters:
        if name not in known:
            raise found.error(
                "parameters", f"{name}: {found.top} has no such parameter; it has: {names_text(known, name)}"
            )
    interface = read_interface(source, found.top, parameters)
    check_clocking(source, found, interface)
    wrapper = _Wrapper(found, core, params, interface)
    text = "\n".join(
        [
            source,
            f"// source {WRAPPER}:0",
            "`default_nettype wire",
            *wrapper.lines(parameters),
            "",
        ]
    )
    return Verilog(text, Timing(found.latency, found.interval))


class _Wrapper:
    """One wrapper in the making: what drives each input of the module, and where its outputs go."""

    def __init__(self, found: ModuleMap, core: Core, params: Any, interface: Interface) -> None:
        self.found, self.core, self.interface = found, core, interface
        self.pins = core.pins(params)
        self.inputs = dict(core.inputs(params))
        self.outputs = dict(core.outputs(params))
        self.driven: dict[str, list[tuple[int, int, str]]] = {}
        check_fields(found, core, params, interface)
        self.queued = needs_queue(found, core, params)

    def lines(self, parameters: Mapping[str, Value]) -> list[str]:
        """The wrapper, and the queue where it is needed."""
        pins, outputs = self.pins, self.outputs
        header, declarations = ["clk", "rst"], ["input clk;", "input rst;"]
        for name, port in (*pins.items(), *outputs.items()):
            into, back = ("input", "output") if name in pins else ("output", "input")
            if port.kind == "level":
                header.append(name)
                declarations.append(f"{into} [{port.width - 1}:0] {name};")
                continue
            header += [f"{name}__{end}" for end in ("payload", *HANDSHAKE)]
            declarations += [f"{into} [{port.width - 1}:0] {name}__payload;"]
            declarations += [f"{into} {name}__valid;", f"{back} {name}__ready;"]
        self._drive("clock", "port", PortPart(self.found.clock), 1, self._clock())
        self._drive(
            "reset", "port", PortPart(self.found.reset), 1, "rst" if self.found.active == "high" else "!rst"
        )
        logic: list[str] = []
        for name, port in pins.items():
            fields = self.found.levels.get(name, {}) if port.kind == "level" else self.found.streams[name]
            table = f"{'levels' if port.kind == 'level' else 'streams'}.{name}"
            payload = name if port.kind == "level" else f"{name}__payload"
            for field, low, width in fields_of(port):
                if field in fields:
                    self._drive(table, field, fields[field], width, f"{payload}[{low + width - 1}:{low}]")
        logic += self._queue() if self.queued else self._direct()
        for name, value in self.found.constants.items():
            self._constant(name, value)
        return [
            *(
                ["// verilator coverage_off", QUEUE.read_text(), "// verilator coverage_on"]
                if self.queued
                else []
            ),
            f"module {TOP}({', '.join(header)});",
            *(f"  {line}" for line in (*declarations, "// verilator coverage_off", *self._wires(), *logic)),
            f"  {self._module(parameters)}",
            "endmodule",
        ]

    # ------------------------------------------------------------ logic

    def _clock(self) -> str:
        clock = "module_clock" if self.queued and "valid" not in self._input else "clk"
        return clock if self.found.edge == "rising" else f"!{clock}"

    @property
    def _input(self) -> Mapping[str, PortPart]:
        return self.found.streams[next(iter(self.inputs))]

    def _direct(self) -> list[str]:
        """Streams are joined to the ports that are their like."""
        logic = []
        for name in self.pins:
            if self.pins[name].kind == "stream":
                self._drive(
                    f"streams.{name}", "valid", self.found.streams[name]["valid"], 1, f"{name}__valid"
                )
                logic.append(f"assign {name}__ready = {self._read(f'streams.{name}', 'ready', 1)};")
        for name, port in self.outputs.items():
            if port.kind == "stream":
                table = f"streams.{name}"
                self._drive(table, "ready", self.found.streams[name]["ready"], 1, f"{name}__ready")
                logic.append(f"assign {name}__valid = {self._read(table, 'valid', 1)};")
            logic.append(f"assign {name}{'__payload' * (port.kind == 'stream')} = {self._payload(name)};")
        return logic

    def _queue(self) -> list[str]:
        """Inputs are taken as far as there is room for their results."""
        (given, came), latency = (next(iter(self.inputs)), next(iter(self.outputs))), self.found.latency
        ends, out = self.found.streams[given], self.found.streams[came]
        room = latency if latency is not None else UNKNOWN_LATENCY
        logic = [
            "wire may_accept, result_valid;",
            f"wire accept = {given}__valid && {given}__ready;",
            f"spikelock_queue #(.WIDTH({self.outputs[came].width}), .LOG_DEPTH({max(1, room.bit_length())}), "
            f".INTERVAL({self.found.interval or 1})) results (.clk(clk), .rst(rst), .accept(accept), "
            f".may_accept(may_accept), .result_valid(result_valid), .result({self._payload(came)}), "
            f".valid({came}__valid), .ready({came}__ready), .payload({came}__payload));",
        ]
        ready = "may_accept"
        if "ready" in ends:
            ready += f" && {self._read(f'streams.{given}', 'ready', 1)}"
        logic.append(f"assign {given}__ready = {ready};")
        if "valid" in ends:
            self._drive(f"streams.{given}", "valid", ends["valid"], 1, f"({given}__valid && may_accept)")
        else:
            logic += [  # the clock stands still between inputs: what enables it is settled while it is low
                "reg step;",
                "always @(negedge clk) step <= accept || rst;",
                "wire module_clock = clk && step;",
            ]
        if "ready" in out:
            self._drive(f"streams.{came}", "ready", out["ready"], 1, "1'b1")
        if "valid" in out:
            logic.append(f"assign result_valid = {self._read(f'streams.{came}', 'valid', 1)};")
        elif latency == 0:
            logic.append("assign result_valid = accept;")
        else:
            delayed = "accept" if latency == 1 else "{on_the_way, accept}"
            logic += [
                f"reg [{(latency or 1) - 1}:0] on_the_way;",
                f"always @(posedge clk) if (rst) on_the_way <= 0; else on_the_way <= {delayed};",
                f"assign result_valid = on_the_way[{(latency or 1) - 1}];",
            ]
        return logic

    # ------------------------------------------------------------ ports of the module

    def _drive(self, table: str, key: str, part: PortPart, width: int, by: str) -> None:
        """Joins bits of an input of the module to what drives them."""
        low, high = self._bits(table, key, part, width, "input")
        for other_low, other_high, _ in self.driven.get(part.port, []):
            if low <= other_high and other_low <= high:
                raise self.found.error(
                    table, f'{key} = "{part_text(part)}": another entry drives these bits too'
                )
        self.driven.setdefault(part.port, []).append((low, high, f"~{by}" if part.inverted else by))

    def _constant(self, name: str, value: int) -> None:
        port = find_port(self.found, self.interface, "constants", name, name, "input")
        width = port.width or 1
        if value >= 1 << width:
            raise self.found.error("constants", f"{name} = {value}: the port has {bits(width)}")
        self._drive("constants", name, PortPart(name), width, f"{width}'d{value}")

    def _read(self, table: str, key: str, width: int) -> str:
        """What carries the bits of an output of the module."""
        part = self.found.streams[table.partition(".")[2]][key]
        return self._output(table, key, part, width)

    def _output(self, table: str, key: str, part: PortPart, width: int) -> str:
        low, high = self._bits(table, key, part, width, "output")
        return f"{'~' * part.inverted}of_{part.port}[{high}:{low}]"

    def _payload(self, name: str) -> str:
        """The fields of an output, the first in the lowest bits."""
        port = self.outputs[name]
        table = f"{'streams' if port.kind == 'stream' else 'levels'}.{name}"
        given = (self.found.streams if port.kind == "stream" else self.found.levels)[name]
        parts = [self._output(table, field, given[field], width) for field, _, width in fields_of(port)]
        return f"{{{', '.join(reversed(parts))}}}"

    def _bits(self, table: str, key: str, part: PortPart, width: int, direction: str) -> tuple[int, int]:
        """Lowest and highest bit of a part. Raises BadInput where it does not fit."""
        port = find_port(self.found, self.interface, table, key, part.port, direction)
        entry = f'{key} = "{part_text(part)}"'
        if port.width is None:
            raise self.found.error(table, f"{entry}: {port} in {port.where}; a vector of {bits(width)} fits")
        high = port.width - 1 if part.high is None else part.high
        if high >= port.width:
            raise self.found.error(table, f"{entry}: {port} in {port.where} has bits {port.width - 1} … 0")
        if high - part.low + 1 != width:
            part_of_it = (
                f'name {width} of its bits, such as "{port.name}[{width - 1}:0]", or '
                if port.width > width
                else ""
            )
            raise self.found.error(
                table,
                f"{entry}: that is {bits(high - part.low + 1)} in {port.where}; {self.core.name} has {width} "
                f"with these [params]: {part_of_it}change the [params] or the [parameters] that decide it",
            )
        return part.low, high

    def _wires(self) -> list[str]:
        """A wire for each output of the module."""
        return [f"wire [{(p.width or 1) - 1}:0] of_{p.name};" for p in self.interface.of_direction("output")]

    def _module(self, parameters: Mapping[str, Value]) -> str:
        """The module in its place. Raises BadInput where an input of it is driven by nothing."""
        connections = []
        for port in self.interface.ports.values():
            if port.direction == "inout" or port.width is None:
                raise BadInput(
                    f"{self.found.top}: {port} in {port.where}; inputs and outputs that are vectors fit"
                )
            if port.direction == "output":
                connections.append(f".{port.name}(of_{port.name})")
                continue
            parts = sorted(self.driven.get(port.name, []), reverse=True)
            covered = {bit for low, high, _ in parts for bit in range(low, high + 1)}
            if missing := sorted(set(range(port.width)) - covered, reverse=True):
                which = f"bits {', '.join(map(str, missing))} of " if parts else ""
                raise BadInput(
                    f"{self.found.name}: nothing drives {which}{port} of {self.found.top}, in {port.where}: "
                    f"name it in a stream or in levels, or give it a value: [constants] {port.name} = 0"
                )
            connections.append(f".{port.name}({{{', '.join(by for _, _, by in parts)}}})")
        return instance(self.found.top, parameters, "judged", ", ".join(connections))

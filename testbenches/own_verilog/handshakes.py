"""Whether a map names what a core has, and what handshakes that leaves to a module."""

from __future__ import annotations

from typing import Any

from spikelock.models.core import Core

from .fitting import fields_of, ports_text
from .interface import Interface, bits
from .mapping import HANDSHAKE, ModuleMap


def check_fields(found: ModuleMap, core: Core, params: Any, interface: Interface) -> None:
    """Raises BadInput where a stream or level of the map is not the core's, or a field has no port."""
    pins = core.pins(params)
    ports = {**pins, **core.outputs(params)}
    for kind, given in (("stream", found.streams), ("level", found.levels)):
        known = {name: port for name, port in ports.items() if port.kind == kind}
        for name, entries in given.items():
            table = f"{kind}s.{name}"
            if name not in known:
                raise found.error(
                    table, f"{core.name} has none with these [params]; it has: {', '.join(known) or 'none'}"
                )
            allowed = [*known[name].fields, *(HANDSHAKE if kind == "stream" else ())]
            for entry in entries:
                if entry not in allowed:
                    raise found.error(
                        table, f"{entry}: there is no such field; there are: {', '.join(allowed)}"
                    )
    for name, port in ports.items():
        direction = "input" if name in pins else "output"
        given_here = (found.streams if port.kind == "stream" else found.levels).get(name, {})
        for field, _, width in fields_of(port):
            if field not in given_here:
                raise found.error(
                    f"{port.kind}s.{name}",
                    f"no port is given for {field}, of {bits(width)}; {direction}s of {found.top}: "
                    f"{ports_text(interface.of_direction(direction))}",
                )


def needs_queue(found: ModuleMap, core: Core, params: Any) -> bool:
    """Whether results must be queued, as the module cannot be held back by valid and ready at both ends.

    Raises BadInput where it has neither these nor what can stand in their place.
    """
    inputs, outputs = core.inputs(params), core.outputs(params)
    streams = [name for name, port in {**core.pins(params), **outputs}.items() if port.kind == "stream"]
    missing = [name for name in streams if not set(HANDSHAKE) <= set(found.streams[name])]
    if not missing:
        return False
    if len(inputs) != 1 or len(outputs) != 1 or len(streams) != 2:
        raise found.error(
            f"streams.{missing[0]}",
            "valid and ready are needed: only a core of one input and one output stream, of which each input "
            "gives one output, can do without them",
        )
    (into,), (out,) = inputs, outputs
    for name in (into, out):
        if "ready" in found.streams[name] and "valid" not in found.streams[name]:
            raise found.error(f"streams.{name}", "ready is given without valid: both fit, or valid alone")
    if "valid" in found.streams[out] and "valid" not in found.streams[into]:
        raise found.error(
            f"streams.{out}",
            "valid is given, and none of the input: both fit, or none with a latency in [timing]",
        )
    if "valid" not in found.streams[out] and found.latency is None:
        raise found.error(
            "timing",
            "latency is needed, as no port says when an output is valid: the cycles from the clock edge that "
            "takes an input to the one at which its output can be read; 1 for an output register",
        )
    if "valid" not in found.streams[into] and (found.latency or 0) > 1:
        raise found.error(
            "timing",
            f"latency = {found.latency}: a module without a valid of its input steps in every cycle, so its "
            "clock stands still between inputs, and what is in its pipeline cannot come out; latency 0 or 1 "
            "fits, or a port for valid, such as an enable",
        )
    return True

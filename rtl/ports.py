"""From a core's declared ports to the signature of its component."""

from __future__ import annotations

from typing import Any

from amaranth.lib import stream
from amaranth.lib.wiring import In, Member, Out

from spikelock.models.core import Core
from spikelock.models.ports import MemoryMap, Port, inspect_port, inspected_port

from .fixed import layout


def carried(port: Port) -> Any:
    """What a port carries: a stream of its records, or the record itself as a level."""
    return stream.Signature(layout(port)) if port.kind == "stream" else layout(port)


def signature(core: Core, params: Any) -> dict[str, Member]:
    """Members of the component that embodies `core`: its inputs, with what a host sets, and its outputs."""
    members = {name: In(carried(port)) for name, port in core.pins(params).items()}
    return members | {name: Out(carried(port)) for name, port in core.outputs(params).items()}


def inspection(inspected: MemoryMap) -> dict[str, Member]:
    """Members of a component whose memories can be read while it is idle."""
    return {
        "inspect": In(carried(inspect_port(inspected))),
        "inspected": Out(carried(inspected_port(inspected))),
    }

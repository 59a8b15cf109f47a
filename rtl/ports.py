"""From a core's declared ports to the signature of its component."""

from __future__ import annotations

from typing import Any

from amaranth.lib import stream
from amaranth.lib.wiring import In, Member, Out

from spikelock.models.core import Core
from spikelock.models.ports import Layout, Port, load_port

from .fixed import layout


def member(port: Port) -> Any:
    """What the port carries: a stream of its records, or the record itself as a level."""
    return stream.Signature(layout(port)) if port.kind == "stream" else layout(port)


def signature(core: Core, params: Any) -> dict[str, Member]:
    """Members of the component that embodies `core`.

    Besides its declared inputs and outputs it has `registers`, a level with one field per register, where it has
    registers, and the stream `load` where it has memories.
    """
    members = {name: In(member(port)) for name, port in core.inputs(params).items()}
    members |= {name: Out(member(port)) for name, port in core.outputs(params).items()}
    if registers := core.registers(params):
        members["registers"] = In(layout(Layout({name: r.q for name, r in registers.items()})))
    if memories := core.memories(params):
        members["load"] = In(member(load_port(memories)))
    return members



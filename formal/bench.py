"""Limits a search to runs that a bench can play: so a counterexample can be replayed at every level.

A proof lets registers change in every cycle and inputs come and go. A bench sets registers once, loads
memories before the first transaction, and keeps to the rules of streams.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, ResetSignal, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In

from .properties import assume


def drive_as_a_bench(m: Module, core: Any) -> None:
    """Assumes that the core's inputs are driven as a bench drives them."""
    offered: list[Any] = []
    loading: list[Any] = []
    for name, member in core.signature.members.items():
        port = getattr(core, name)
        if member.flow is not In:
            continue
        if member.is_port:
            _hold(m, name, port)
        elif isinstance(member.signature, stream.Signature):
            _keep_to_the_rules(m, name, port)
            (loading if name == "load" else offered).append(port.valid)
    offers, loads = Cat(offered).any(), Cat(loading).any()
    started = Signal(reset_less=True, name="bench_started")
    with m.If(offers):
        m.d.sync += started.eq(1)
    assume(m, "the bench loads memories first", ~(loads & (started | offers)))


def _hold(m: Module, name: str, port: Any) -> None:
    """A level has the same value in every cycle, resets or not."""
    value = Value.cast(port)
    first = Signal(init=1, reset_less=True, name=f"{name}_first")
    held = Signal(len(value), reset_less=True, name=f"{name}_held")
    m.d.sync += [first.eq(0), held.eq(value)]
    assume(m, f"the bench sets {name} once", first | (held == value))


def _keep_to_the_rules(m: Module, name: str, port: Any) -> None:
    """Nothing is offered in reset; what is offered stays until it is accepted."""
    payload = Value.cast(port.payload)
    waiting = Signal(name=f"{name}_waiting")
    held = Signal(len(payload), name=f"{name}_held")
    m.d.sync += [waiting.eq(port.valid & ~port.ready), held.eq(payload)]
    assume(m, f"the bench offers nothing at {name} in reset", ~(ResetSignal() & port.valid))
    holds = port.valid & (held == payload)
    assume(m, f"the bench holds what waits at {name}", ~waiting | ResetSignal() | holds)

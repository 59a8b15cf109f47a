"""Hardware whose streams, registers or loads are corrupted on their way, for levels with their own reference.

The component has the ports of the one inside it. What is changed is one transaction after each reset.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from .corruption import Corruption


class Spoiled(wiring.Component):
    """A core's component with a corruption at its ports."""

    def __init__(self, inner: Any, corruption: Corruption) -> None:
        self.inner, self.corruption = inner, corruption
        super().__init__(dict(inner.signature.members))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.inner = self.inner
        for name, member in self.inner.signature.members.items():
            outer, inner = getattr(self, name), getattr(self.inner, name)
            mine = name == self.corruption.port
            if not member.is_signature:
                source, sink = (outer, inner) if member.flow is In else (inner, outer)
                mask = 1 << self.corruption.bit if mine else 0
                m.d.comb += Value.cast(sink).eq(Value.cast(source) ^ Const(mask, len(Value.cast(source))))
            elif member.flow is In:
                self._stream(m, outer, inner, mine)
            else:
                self._stream(m, inner, outer, mine)
        return m

    def _stream(self, m: Module, source: Any, sink: Any, mine: bool) -> None:
        """From source to sink; the corruption, where it is this stream's."""
        m.d.comb += [sink.valid.eq(source.valid), source.ready.eq(sink.ready)]
        payload, passed = Value.cast(source.payload), Value.cast(sink.payload)
        if not mine:
            m.d.comb += passed.eq(payload)
            return
        here, done = Signal(), Signal()
        count = Signal(range(self.corruption.index + 2))
        m.d.comb += [here.eq((count == self.corruption.index) & ~done), passed.eq(payload)]
        with m.If(source.valid & source.ready & ~done):
            m.d.sync += count.eq(count + 1)
        with m.If(here):
            if self.corruption.act == "flip":
                m.d.comb += passed.eq(payload ^ Const(1 << self.corruption.bit, len(payload)))
            elif self.corruption.act == "drop":
                m.d.comb += [sink.valid.eq(0), source.ready.eq(1)]
            else:
                m.d.comb += source.ready.eq(0)
                with m.If(sink.valid & sink.ready):
                    m.d.sync += done.eq(1)

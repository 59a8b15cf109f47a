"""Synchroniser and desynchroniser in hardware; what they give is stated in `models/sc/synchroniser.py`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from spikelock.models.sc.synchroniser import CORE, Kind, Params

from ..ports import signature


class Synchroniser(wiring.Component):
    """Ports as declared in `models/sc/synchroniser.py`; the bits that go out are in registers."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params or Params()
        super().__init__(signature(CORE, self.params))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        self.x, self.y = Signal(), Signal()  # the bits that go out
        self.took = Signal()
        m.d.comb += [
            self.input.ready.eq(self.output.ready | ~self.output.valid),
            self.took.eq(self.input.ready & self.input.valid),
            self.x.eq(self.input.payload.x),
            self.y.eq(self.input.payload.y),
        ]
        with m.If(self.input.ready):
            m.d.sync += self.output.valid.eq(self.input.valid)
        with m.If(self.took):
            m.d.sync += [self.output.payload.x.eq(self.x), self.output.payload.y.eq(self.y)]
        if self.params.kind is Kind.SYNCHRONISER:
            self._synchronise(m)
        else:
            self._desynchronise(m)
        return m

    def _synchronise(self, m: Module) -> None:
        """`saved` counts saved ones of x up from 0, those of y down: they never are there together."""
        depth = self.params.depth
        saved = Signal(range(-depth, depth + 1))
        x_alone = self.input.payload.x & ~self.input.payload.y
        y_alone = self.input.payload.y & ~self.input.payload.x
        with m.If(x_alone & (saved != depth)):
            m.d.comb += [self.x.eq(saved < 0), self.y.eq(saved < 0)]
            with m.If(self.took):
                m.d.sync += saved.eq(saved + 1)
        with m.If(y_alone & (saved != -depth)):
            m.d.comb += [self.x.eq(saved > 0), self.y.eq(saved > 0)]
            with m.If(self.took):
                m.d.sync += saved.eq(saved - 1)

    def _desynchronise(self, m: Module) -> None:
        """Saved ones take turns, so their number and the stream of the oldest say it all."""
        depth = self.params.depth
        saved = Signal(range(depth + 1))
        oldest = Signal()  # 0: of x, 1: of y; with none saved, the stream whose turn it is
        stays = oldest ^ saved[0]
        with m.If(self.input.payload.x & self.input.payload.y & (saved != depth)):
            m.d.comb += [self.x.eq(stays), self.y.eq(~stays)]
            with m.If(self.took):
                m.d.sync += saved.eq(saved + 1)
        with m.If(~self.input.payload.x & ~self.input.payload.y & (saved != 0)):
            m.d.comb += [self.x.eq(~oldest), self.y.eq(oldest)]
            with m.If(self.took):
                m.d.sync += [saved.eq(saved - 1), oldest.eq(~oldest)]


def component(params: Params) -> Synchroniser:
    """The component that embodies `sc.synchroniser`."""
    return Synchroniser(params)

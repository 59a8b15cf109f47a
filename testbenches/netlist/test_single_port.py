"""A tile whose synapses lie in single-port RAM, as cells of an iCE40 UltraPlus: equal to its reference."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Fragment, Module, Mux
from amaranth.lib import wiring

from spikelock.models.core import run_reference
from spikelock.models.fabric.tile import CORE, Params
from spikelock.models.neurons import lif
from spikelock.models.ports import load_records
from spikelock.rtl import single_port
from spikelock.rtl.fabric.tile import Tile
from spikelock.rtl.single_port import ultraplus_memory
from spikelock.testbenches.fabric.events import random_connections, random_events
from spikelock.testbenches.lockstep import HEAVY, Job, Model, Response

from .synthesis import build_netlist, netlist

PARAMS = Params(lif.Params(width=12, threshold=60), 16, 32, 500, weight_width=8)


class OnUltraPlus(wiring.Component):
    """A component that finds itself on a platform with single-port RAM."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        super().__init__(inner.signature)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.inner = Fragment.get(self.inner, SimpleNamespace(get_memory=ultraplus_memory))
        wiring.connect(m, wiring.flipped(self), self.inner)
        return m


def respond(component: Any) -> Response:
    """The cells under random events and heavy stalls, held against the reference."""
    configuration = CORE.configuration(PARAMS, {}, random_connections(PARAMS, 3, 0.8, -60, 90))
    inputs = random_events(CORE.inputs(PARAMS)["input"], PARAMS.axons)(np.random.default_rng(3), 300)
    _, expected = run_reference(CORE, PARAMS, configuration, inputs)
    assert (expected["output"]["address"] >= PARAMS.axons).sum() > 50, "neurons must fire"
    with Model(build_netlist(component, CORE.pins(PARAMS), CORE.outputs(PARAMS), "ice40")) as model:
        loading = load_records(CORE.memories(PARAMS), configuration.memories)
        levels = {"registers": configuration.registers}
        assert model.run(Job({"load": loading}, levels=levels, counts={"output": 0})).ok
        return model.run(Job(inputs, expected=expected, stalls=HEAVY, seed=3))


def test_the_tile_is_equal_and_uses_the_large_memory() -> None:
    tile = OnUltraPlus(Tile(PARAMS))
    assert "SB_SPRAM256KA" in netlist(tile, ("sync",), "ice40")
    assert "SB_SPRAM256KA" not in netlist(Tile(PARAMS), ("sync",), "ice40")
    response = respond(tile)
    assert response.ok, response.problems


def test_control_a_memory_that_reads_another_address_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_port, "Mux", lambda chosen, write, read: Mux(chosen, write, read ^ 1))
    assert not respond(OnUltraPlus(Tile(PARAMS))).ok

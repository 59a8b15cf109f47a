"""The router: engine = reference for any table, turns and dead links; each event's fate; bad parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.aer.router import CORE, Fate, Params, fate
from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.aer import router as engine
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.mapping.machine import Port
from spikelock.models.network.mapping.tables import Entry, outputs_of
from spikelock.models.ports import Records
from spikelock.testbenches import strategies

MESH = Params(4, 1, entries=4, key_width=4, payload_width=3, split=True)
HEXAGONAL = Params(6, 2, entries=3, key_width=4, payload_width=4, split=True)


@st.composite
def configurations(draw: st.DrawFn, params: Params) -> Configuration:
    """Any table, turns and dead links."""
    table = draw(strategies.records(params.table["table"].layout))
    registers = {
        name: draw(st.integers(0, register.q.maximum)) for name, register in CORE.registers(params).items()
    }
    return CORE.configuration(params, registers, {"table": table[: params.entries]})


@pytest.mark.parametrize("params", [MESH, HEXAGONAL], ids=["mesh", "hexagonal"])
@given(data=st.data())
def test_engine_equals_reference(params: Params, data: st.DataObject) -> None:
    configuration = data.draw(configurations(params))
    inputs = {"input": data.draw(strategies.records(params.event.port()))}
    _, expected = run_reference(CORE, params, configuration, inputs)
    found = engine.run(params, configuration, inputs)
    assert list(found) == list(expected)
    for name, records in expected.items():
        assert np.array_equal(records, found[name]), name


def table(*entries: tuple[int, int, int], params: Params = MESH) -> dict[str, Records]:
    layout = params.table["table"].layout
    return {"table": layout.from_tuples((1, *entry) for entry in entries)}


def test_the_first_entry_decides_and_unused_ones_never() -> None:
    configuration = CORE.configuration(
        MESH, {}, table((0b0100, 0b1100, 0b10001), (0b0100, 0b1110, 0b00010), (0, 0b1111, 0))
    )
    assert fate(MESH, configuration, Port.LOCAL, 0b0101) == Fate((Port.EAST, Port.LOCAL))
    assert fate(MESH, configuration, Port.LOCAL, 0) == Fate()
    assert fate(MESH, configuration, Port.LOCAL, 0b1000) == Fate(unroutable=1)


def test_without_an_entry_an_event_goes_straight_on() -> None:
    configuration = CORE.configuration(HEXAGONAL)
    for link in range(6):
        assert fate(HEXAGONAL, configuration, link, 5).leaves == ((link + 3) % 6,)
    assert fate(HEXAGONAL, configuration, 7, 5).unroutable == 1


def test_forbidden_and_lost_copies_are_counted() -> None:
    registers = {"turns4": 0b00111, "dead": 0b0010}
    configuration = CORE.configuration(MESH, registers, table((0, 0, 0b11111)))
    assert fate(MESH, configuration, Port.LOCAL, 9) == Fate((0, 2), forbidden=2, lost=(1,))
    assert fate(MESH, configuration, Port.NORTH, 9) == Fate(lost=(1,))


@given(data=st.data())
def test_tables_mean_what_the_mapping_means(data: st.DataObject) -> None:
    masks = data.draw(st.lists(st.tuples(*[st.integers(0, 15)] * 2, st.integers(0, 31)), max_size=4))
    entries = [Entry(key & mask, mask, frozenset(p for p in Port if p < 5 and outputs >> p & 1))
               for key, mask, outputs in masks]  # fmt: skip
    configuration = CORE.configuration(
        MESH, {}, table(*((e.key, e.mask, sum(1 << p for p in e.outputs)) for e in entries))
    )
    for source in (Port.EAST, Port.SOUTH, Port.LOCAL):
        for key in range(16):
            wanted = outputs_of(entries, key, source)
            found = fate(MESH, configuration, source, key)
            assert found == (Fate(unroutable=1) if wanted is None else Fate(tuple(sorted(wanted))))


def test_marks_leave_where_a_living_input_may_turn() -> None:
    registers = {**{f"turns{number}": 0 for number in range(5)}, "turns0": 0b10001, "turns1": 0b00100}
    configuration = CORE.configuration(MESH, {**registers, "dead": 0b0010})
    mark = MESH.event.port().records([Kind.TICK], [0], [0])
    _, outputs = run_reference(CORE, MESH, configuration, {"input": mark})
    assert {name for name, records in outputs.items() if len(records)} == {
        f"output{out}_from{source}" for out in (0, 4) for source in range(5)
    }


def test_the_order_of_several_inputs_is_not_specified() -> None:
    params = Params()
    with pytest.raises(BadInput, match="split=True"):
        run_reference(
            CORE,
            params,
            CORE.configuration(params),
            {name: params.event.port().records([0], [1]) for name in CORE.inputs(params)},
        )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"links": 3}, "links = 3: a router has 0, 2, 4 or 6 links"),
        ({"links": 6, "local_ports": 3}, "local_ports = 3"),
        ({"entries": 0}, "entries = 0: must be 1 or more"),
        ({"key_width": 30}, "key_width = 30: an entry has 66 bits"),
        ({"payload_width": 2, "split": True}, "payload_width = 2.*3 bits"),
    ],
)
def test_parameters_that_cannot_work_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises((BadInput, RangeError), match=message):
        Params(**wrong)

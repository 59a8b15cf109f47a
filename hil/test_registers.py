"""The host's view of the registers of every core, on a register bank in hardware."""

from __future__ import annotations

import pytest

from spikelock.drivers.registers import RegisterView
from spikelock.models.core import Core, all_cores
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.neurons.lif import COMPACT, CORE
from spikelock.models.ports import Layout, Port, RegisterMap, register_reply, register_request
from spikelock.rtl.registers import RegisterBank
from spikelock.testbenches.lockstep import HEAVY, Built, Job, Model, build

WITH_REGISTERS = [core for core in all_cores() if core.registers(core.params())]


class BankInHardware:
    """A bus that ends at a bank in lockstep, under stalls."""

    def __init__(self, model: Model, registers: RegisterMap) -> None:
        self._model = model
        self._request = register_request(registers)

    def write(self, address: int, word: int) -> None:
        self._ask(1, address, word, replies=0)

    def read(self, address: int) -> int:
        return self._ask(0, address, 0, replies=1)[0]

    def _ask(self, write: int, address: int, word: int, replies: int) -> list[int]:
        records = self._request.from_tuples([(write, address, word)])
        response = self._model.run(Job({"request": records}, counts={"reply": replies}, stalls=HEAVY))
        assert response.ok, response.problems
        self.registers = response.final["registers"]
        return [int(word) for word in response.outputs["reply"]["data"]]


def bank(registers: RegisterMap) -> Built:
    level = Port(Layout({name: r.q for name, r in registers.items()}).fields, kind="level")
    outputs = {"reply": register_reply(registers), "registers": level}
    return build(RegisterBank(registers), {"request": register_request(registers)}, outputs)


@pytest.mark.parametrize("core", WITH_REGISTERS, ids=lambda core: core.name)
def test_every_register_is_written_read_and_seen_by_the_core(core: Core) -> None:
    registers = core.registers(core.params())
    with Model(bank(registers)) as model:
        bus = BankInHardware(model, registers)
        view = RegisterView(registers, bus)
        assert dict(view) == {name: register.reset for name, register in registers.items()}
        for end in ("minimum", "maximum"):
            expected = {name: getattr(register.q, end) for name, register in registers.items()}
            view.update(expected)
            assert dict(view) == expected
            assert {name: int(bus.registers[name][0]) for name in registers} == expected
        first = next(iter(registers))
        del view[first]
        assert view[first] == registers[first].reset
        model.reset()
        assert dict(view) == {name: register.reset for name, register in registers.items()}


def test_what_does_not_fit_is_never_sent() -> None:
    registers = CORE.registers(CORE.params())
    with Model(bank(registers)) as model:
        view = RegisterView(registers, BankInHardware(model, registers))
        with pytest.raises(BadInput, match="there are: rest, reset, threshold"):
            view["treshold"] = 1
        with pytest.raises(RangeError, match="threshold = 32768"):
            view["threshold"] = 1 << 15
        assert view["threshold"] == registers["threshold"].reset


def test_an_address_of_no_register_reads_zero_and_writes_nothing() -> None:
    registers = CORE.registers(CORE.params())
    assert len(registers) == 6, "two of eight addresses are free"
    with Model(bank(registers)) as model:
        bus = BankInHardware(model, registers)
        bus.write(7, 5)
        assert bus.read(7) == 0
        assert dict(RegisterView(registers, bus)) == {name: r.reset for name, r in registers.items()}


def test_a_core_whose_values_are_constants_has_no_bank_and_an_empty_view() -> None:
    registers = CORE.registers(COMPACT)
    with pytest.raises(BadInput, match="no registers"):
        RegisterBank(registers)
    view = RegisterView(registers, NoBus())
    assert dict(view) == {}
    with pytest.raises(BadInput, match=r"no register is called .rest.; there are: none"):
        view["rest"] = 1


class NoBus:
    """Where there are no registers, nothing is sent."""

    def write(self, address: int, word: int) -> None:
        raise AssertionError("written to")

    def read(self, address: int) -> int:
        raise AssertionError("read from")

"""Live parameters from the host: the driver on the hardware of the bank, directly and behind registers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest

from spikelock.drivers.parameter_bank import Answer, OverRegisters, ParameterBank, Request, Requests
from spikelock.models.bus.parameter_bank import CORE, REQUEST, WINDOW, Params, Status
from spikelock.models.errors import BadInput, LinkError, RangeError
from spikelock.models.neurons import lif
from spikelock.models.ports import Port, register_reply, register_request
from spikelock.rtl.bus.parameter_bank import ParameterBank as Hardware
from spikelock.rtl.parameter_window import ParameterWindow
from spikelock.testbenches.lockstep import HEAVY, Built, Job, Model, build

REGISTERS = lif.registers(lif.Params())
PARAMS = Params(tuple(REGISTERS.items()), bank=3)
LIVE = Port(PARAMS.values.fields, kind="level")
ACCESS, REPLY = register_request(WINDOW), register_reply(WINDOW)
FIRST, SECOND, *_ = REGISTERS


@cache
def bank() -> Built:
    return build(Hardware(PARAMS), {"request": REQUEST}, {**CORE.outputs(PARAMS), "registers": LIVE})


@cache
def window() -> Built:
    return build(ParameterWindow(PARAMS), {"request": ACCESS}, {"reply": REPLY, "registers": LIVE})


class InHardware:
    """Requests to the bank, under stalls. live: the values that a core would see. spoil: changes requests on
    their way.
    """

    built: Callable[[], Built] = staticmethod(bank)

    def __init__(self, model: Model) -> None:
        self._model = model
        self.live: dict[str, int] = {}
        self.spoil: Callable[[Request], Request] = lambda request: request

    def ask(self, request: Request) -> Answer:
        job = Job({"request": REQUEST.from_tuples([self.spoil(request)])}, counts={"answer": 1}, stalls=HEAVY)
        answer = self._run(job)["answer"]
        return answer["status"][0], answer["traps"][0], answer["count"][0]

    def _run(self, job: Job) -> dict[str, np.ndarray]:
        response = self._model.run(job)
        assert response.ok, response.problems
        self.live = {name: int(response.final["registers"][name][0]) for name in REGISTERS}
        return dict(response.outputs)


class BehindRegisters(InHardware):
    """The same through a window of registers."""

    built = staticmethod(window)

    def ask(self, request: Request) -> Answer:
        return OverRegisters(self).ask(self.spoil(request))

    def write(self, address: int, word: int) -> None:
        self._access(1, address, word, 0)

    def read(self, address: int) -> int:
        return int(self._access(0, address, 0, 1)["data"][0])

    def _access(self, write: int, address: int, word: int, replies: int) -> np.ndarray:
        records = ACCESS.from_tuples([(write, address, word)])
        return self._run(Job({"request": records}, counts={"reply": replies}, stalls=HEAVY, drain=100))[
            "reply"
        ]


@pytest.fixture(params=[InHardware, BehindRegisters])
def requests(request: pytest.FixtureRequest) -> Iterator[InHardware]:
    with Model(request.param.built()) as model:
        model.reset()
        yield request.param(model)


@pytest.fixture
def parameters(requests: Requests) -> ParameterBank:
    return ParameterBank(REGISTERS, requests, PARAMS.bank)


def test_a_set_takes_effect_at_once_and_is_rolled_back(
    requests: InHardware, parameters: ParameterBank
) -> None:
    resets = dict(parameters.live)
    with parameters.change() as values:
        for name, register in REGISTERS.items():
            values[name] = register.q.minimum
            assert requests.live == resets
    assert requests.live == parameters.live == {name: r.q.minimum for name, r in REGISTERS.items()}
    parameters.stage(FIRST, REGISTERS[FIRST].q.maximum)
    parameters.apply()
    assert requests.live == parameters.live
    assert requests.live[FIRST] == REGISTERS[FIRST].q.maximum
    parameters.rollback()
    assert requests.live == parameters.live
    assert requests.live[FIRST] == REGISTERS[FIRST].q.minimum
    with pytest.raises(LinkError, match="refuses ROLLBACK: NOTHING_BEFORE"):
        parameters.rollback()
    assert parameters.traps == {Status.NOTHING_BEFORE}
    assert parameters.trap_count == 1
    parameters.clear_traps()
    assert parameters.traps == frozenset()


def test_what_is_dropped_never_takes_effect(requests: InHardware, parameters: ParameterBank) -> None:
    resets = dict(parameters.live)

    def change_of_mind() -> None:
        with parameters.change() as values:
            values[FIRST] = REGISTERS[FIRST].q.maximum
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        change_of_mind()
    with pytest.raises(LinkError, match=r"NOTHING_TO_APPLY, so nothing .* stage a value first"):
        parameters.apply()
    parameters.stage(SECOND, REGISTERS[SECOND].q.maximum)
    parameters.apply()
    assert requests.live == parameters.live == resets | {SECOND: REGISTERS[SECOND].q.maximum}


@pytest.mark.parametrize("bit", [0, 31])
def test_a_value_that_changes_on_its_way_is_not_applied(
    requests: InHardware, parameters: ParameterBank, bit: int
) -> None:
    """The sum finds it: without it, another value would be live."""
    resets = dict(parameters.live)

    def spoil(request: Request) -> Request:
        command, number, entry, low, high = request
        return command, number, entry, low ^ (1 << bit if command == 0 else 0), high

    requests.spoil = spoil
    with pytest.raises(LinkError, match=r"WRONG_SUM|DOES_NOT_FIT"), parameters.change() as values:
        values[FIRST] = REGISTERS[FIRST].q.maximum
    assert requests.live == resets
    requests.spoil = lambda request: request
    with parameters.change() as values:
        values[FIRST] = REGISTERS[FIRST].q.maximum
    assert requests.live == parameters.live != resets


def test_a_set_of_which_a_value_was_refused_is_not_applied(
    requests: InHardware, parameters: ParameterBank
) -> None:
    resets = dict(parameters.live)
    parameters.stage(FIRST, REGISTERS[FIRST].q.maximum)
    requests.spoil = lambda request: (*request[:2], 99, *request[3:])
    with pytest.raises(LinkError, match=r"UNKNOWN_ENTRY, so .* is not staged; is the host's register map"):
        parameters.stage(SECOND, 0)
    requests.spoil = lambda request: request
    with pytest.raises(LinkError, match="WRONG_SUM"):
        parameters.apply()
    assert requests.live == resets
    assert parameters.traps == {Status.UNKNOWN_ENTRY, Status.WRONG_SUM}


def test_bad_input_is_never_sent(requests: InHardware, parameters: ParameterBank) -> None:
    with pytest.raises(BadInput, match="no parameter is called 'nothing'"):
        parameters.stage("nothing", 1)
    with pytest.raises(RangeError, match=f"{FIRST} = .* does not fit"):
        parameters.stage(FIRST, REGISTERS[FIRST].q.maximum + 1)
    assert not requests.live
    with pytest.raises(LinkError, match="parameter bank 4 refuses BEGIN: UNKNOWN_BANK"):
        ParameterBank(REGISTERS, requests, 4).begin()

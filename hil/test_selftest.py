"""The self-test passes on a good virtual board, and each check catches the fault that is planted for it."""

# Amaranth has no types: as for rtl in pyproject.toml.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false
# pyright: reportInconsistentConstructor=false, reportIncompatibleMethodOverride=false, reportArgumentType=false

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import ClockDomain, Module, Mux, ResetSignal, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spikelock.drivers.board import Board, open_board
from spikelock.drivers.link import Link
from spikelock.drivers.transports.faults import Faulty, parse_faults
from spikelock.hil.in_process import board_and_clock
from spikelock.hil.selftest.check import NotRun, Result, Subject, Verdict, run_checks
from spikelock.hil.selftest.checks import CHECKS
from spikelock.hil.selftest.computing import network, random_program
from spikelock.hil.selftest.line import clock
from spikelock.hil.selftest.memories import stripes
from spikelock.hil.serving import in_a_process
from spikelock.hil.simulation import BUILD, BuiltBoard, build_board
from spikelock.models.board.capability import capability, encode
from spikelock.models.board.description import BoardParams
from spikelock.models.errors import BadInput
from spikelock.models.fabric import chain, tile
from spikelock.models.link.uart import Params as UARTParams
from spikelock.models.mutant import Mutant, component_of
from spikelock.models.neurons import lif
from spikelock.rtl.link.uart import Receiver

CHAIN = chain.Params(
    (
        tile.Params(lif.Params(width=10, threshold=40), 3, 4, 12),
        tile.Params(lif.Params(width=10, threshold=40), 2, 7, 10, recurrent=True),
    )
)
PARAMS = BoardParams(chain=CHAIN, clock=400_000, baud=100_000)
"""Slow enough for its seconds to be simulated."""


def results(
    built: BuiltBoard | None = None, faults: str = "", fault: int = 0, late: float = 0.0
) -> list[Result]:
    """What the checks say of a virtual board with a small network, in the board's own time.

    faults: of the line. fault: its number, of a planted board. late: seconds that the host's clock goes on
    while it reads the board's for the first time.
    """
    near, time = board_and_clock(built or build_board(PARAMS))
    if fault:
        near.write(memoryview(bytes([CHOOSES, fault, 0])))
    line = Faulty(near, parse_faults(faults), time) if faults else near

    def connected() -> Board:
        link = Link(line, clock=time, chance=random.Random(1))
        link.open()
        return Board(link)

    looks = itertools.count()
    chance = np.random.default_rng(1)
    program = random_program(CHAIN, chance)
    return list(
        run_checks(
            CHECKS,
            Subject(
                connected,
                program,
                chance.random((2, 8, 4)) < 0.5,
                real_time=True,
                clock=lambda: time() + late * (next(looks) > 0),
            ),
        )
    )


def all_pass(done: list[Result]) -> None:
    assert [(result.check.name, result.verdict) for result in done] == [
        (check.name, Verdict.PASSED) for check in CHECKS
    ], [result.text for result in done]


def test_a_good_board_passes_all() -> None:
    done = results()
    all_pass(done)
    assert 2.0 <= seconds_of_the_clock(done) < 2.1


def test_a_busy_host_watches_the_clock_for_longer() -> None:
    """The register is read somewhere in 40 ms, which are 2 % of what is usual."""
    done = results(late=0.04)
    all_pass(done)
    assert seconds_of_the_clock(done) > 4.0


def seconds_of_the_clock(done: list[Result]) -> float:
    """For how long it was watched, as the check says."""
    (told,) = (result.text for result in done if result.check.run is clock)
    return float(told.split()[-2])


# ---------------------------------------------------------------- faults in the hardware: one build for all
def switch(number: int) -> str:
    """In an edited source: whether the fault of that number is chosen.

    It is the reset of a clock domain of its own, which Amaranth leads through a hierarchy by its name.
    """
    return f'__import__("amaranth").hdl.ResetSignal("fault{number}")'


FAULTS = {
    "a register's bit sticks": (
        Mutant(
            "stuck bit",
            "registers",
            "value.eq(request.payload.data)",
            f"value.eq(request.payload.data ^ (request.payload.data & ({switch(1)} << 2)))",
        ),
        "registers",
        "wrong bits: 2",
    ),
    "a cell of a memory is bad": (
        Mutant(
            "bad cell",
            "fabric.tile",
            "write.data.eq(self.load.payload.data),",
            "write.data.eq(self.load.payload.data ^ "
            f"(((self.load.payload.address == 5) & {switch(2)}) << 3)),",
        ),
        "memories",
        "tile0_synapses[5]",
    ),
    "a tile subtracts": (
        Mutant(
            "subtracts",
            "fabric.tile",
            "accumulator_read.data + weight",
            f"Mux({switch(3)}, accumulator_read.data - weight, accumulator_read.data + weight)",
        ),
        "tiles",
        "random program",
    ),
    "bytes are swapped": (
        Mutant(
            "swapped",
            "board.register_access",
            "bits[0], bits[8:24], bits[24:]",
            f"bits[0], bits[8:24], Mux({switch(4)}, Cat(bits[32:40], bits[24:32], bits[40:]), bits[24:])",
        ),
        "registers",
        "scratch",
    ),
}
"""A fault → its edit, the check that must catch it, what that says. Numbered from 1, in this order."""

CHOOSES = 0xFA
"""If the first byte on the line is this one, the second is the number of a fault. No frame begins so."""


class Planted(wiring.Component):  # type: ignore[misc]  # Amaranth has no types
    """A top with faults of which one may be chosen at power-up, before anything else is said on the line."""

    def __init__(self) -> None:
        record = encode(capability(PARAMS, BUILD))
        mutants = [mutant for mutant, _, _ in FAULTS.values()]
        self.top = component_of(mutants, "board.top", PARAMS, record=record)
        super().__init__({"rx": In(1, init=1), "tx": Out(1, init=1), "busy": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.top = top = self.top
        m.submodules.receiver = receiver = Receiver(UARTParams(PARAMS.clock, PARAMS.baud))
        said = Signal(2)  # bytes, of two that may choose
        chosen = Signal(8)
        m.d.comb += [
            top.rx.eq(self.rx),
            self.tx.eq(top.tx),
            self.busy.eq(top.busy),
            receiver.rx.eq(self.rx),
            receiver.output.ready.eq(1),
        ]
        byte = receiver.output.payload.data
        with m.If(receiver.output.valid & (said != 2)):
            m.d.sync += said.eq(Mux((said == 0) & (byte != CHOOSES), 2, said + 1))
            with m.If(said == 1):
                m.d.sync += chosen.eq(byte)
        for number in range(1, len(FAULTS) + 1):
            m.domains += ClockDomain(f"fault{number}", local=True)
            m.d.comb += ResetSignal(f"fault{number}").eq(chosen == number)
        return m


@cache
def planted() -> BuiltBoard:
    return build_board(PARAMS, Planted())


def test_control_a_planted_board_is_good_while_no_fault_is_chosen() -> None:
    all_pass(results(planted(), fault=len(FAULTS) + 1))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_hardware_is_caught(name: str) -> None:
    _, check, says = FAULTS[name]
    failed_at(results(planted(), fault=list(FAULTS).index(name) + 1), check, says)


# ---------------------------------------------------------------- faults on the line
def test_a_wrong_baud_rate_is_caught() -> None:
    """Which a host sets at its end of the pseudo-terminal."""
    with in_a_process(build_board(PARAMS)) as url:
        with open_board(url) as board:
            assert board.registers["scratch"] == 0
        other = url.partition("?")[0] + "?baud=57600"
        failed_at(list(run_checks(CHECKS, Subject(lambda: open_board(other)))), "connect", "nobody answers")


def test_dropped_frames_are_caught() -> None:
    failed_at(results(faults="loss=0.05,seed=2"), "echo", "had to be sent again")


def test_another_clock_is_caught() -> None:
    """The hardware says 400 kHz; it is run at 390."""
    slower = replace(PARAMS, clock=390_000, baud=97_500)
    done = results(replace(build_board(PARAMS), params=slower))
    failed_at(done, "clock", "not at 0.4 MHz")


def failed_at(done: list[Result], check: str, says: str) -> None:
    """The checks before it passed, or were not run; it failed, and none came after it."""
    assert all(result.verdict is not Verdict.FAILED for result in done[:-1])
    assert (done[-1].check.name, done[-1].verdict) == (check, Verdict.FAILED), done[-1].text
    assert says in done[-1].text


def test_stripes_tell_any_two_bits_apart() -> None:
    for width in (1, 2, 7, 14, 32):
        words = stripes(width)
        columns = [tuple(word >> bit & 1 for word in words) for bit in range(width)]
        assert len(set(columns)) == width


def test_nothing_given_and_nothing_computed_is_no_pass() -> None:
    with in_a_process(build_board(PARAMS)) as url, open_board(url) as board:
        subject = Subject(lambda: board, board=board)
        with pytest.raises(NotRun, match="no network"):
            network(subject)
        with pytest.raises(NotRun, match="no clock of its own"):
            clock(subject)
        other = chain.Params((tile.Params(neurons=500),))
        subject.program = random_program(other, np.random.default_rng(1))
        subject.spikes = np.zeros((1, 3, other.tiles[0].axons), np.bool_)
        with pytest.raises(BadInput, match="cannot run this program"):
            network(subject)

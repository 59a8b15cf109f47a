"""The self-test passes on a good virtual board, and each check catches the fault that is planted for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikelock.drivers.board import open_board
from spikelock.drivers.transports.faults import parse_faults
from spikelock.hil.selftest.check import NotRun, Result, Subject, Verdict, run_checks
from spikelock.hil.selftest.checks import CHECKS
from spikelock.hil.selftest.computing import network, random_program
from spikelock.hil.selftest.line import clock
from spikelock.hil.selftest.memories import stripes
from spikelock.hil.serving import Line, in_a_process
from spikelock.hil.simulation import BUILD, build_board
from spikelock.models.board.capability import capability, encode
from spikelock.models.board.description import BoardParams
from spikelock.models.errors import BadInput
from spikelock.models.fabric import chain, tile
from spikelock.models.mutant import Mutant
from spikelock.models.neurons import lif
from spikelock.rtl.board.top import Top

CHAIN = chain.Params(
    (
        tile.Params(lif.Params(width=10, threshold=40), 3, 4, 12),
        tile.Params(lif.Params(width=10, threshold=40), 2, 7, 10, recurrent=True),
    )
)
PARAMS = BoardParams(chain=CHAIN, clock=400_000, baud=100_000)
"""Slow enough to be simulated in real time."""


def results(component: Any = None, line: Line | None = None, query: str = "", **options: Any) -> list[Result]:
    """What the checks say of a virtual board with a small network."""
    random = np.random.default_rng(1)
    program = random_program(CHAIN, random)
    with in_a_process(build_board(PARAMS, component), line, real_time=True) as url:
        address = url.partition("?")[0] + query if query else url
        subject = Subject(lambda: open_board(address), program, random.random((2, 8, 4)) < 0.5, **options)
        try:
            return list(run_checks(CHECKS, subject))
        finally:
            if subject.board is not None:
                subject.board.close()


def test_a_good_board_passes_all() -> None:
    done = results(real_time=True)
    assert {result.check.name: result.verdict for result in done} == {
        check.name: Verdict.PASSED for check in CHECKS
    }, [result.text for result in done]


FAULTS = {
    "a register's bit sticks": (
        Mutant(
            "stuck bit", "registers", "value.eq(request.payload.data)", "value.eq(request.payload.data & ~4)"
        ),
        "registers",
        "wrong bits: 2",
    ),
    "bytes are swapped": (
        Mutant(
            "swapped",
            "board.register_access",
            "bits[0], bits[8:24], bits[24:]",
            "bits[0], bits[8:24], Cat(bits[32:40], bits[24:32], bits[40:])",
        ),
        "registers",
        "scratch",
    ),
    "a cell of a memory is bad": (
        Mutant(
            "bad cell",
            "fabric.tile",
            "write.data.eq(self.load.payload.data),",
            "write.data.eq(self.load.payload.data ^ ((self.load.payload.address == 5) << 3)),",
        ),
        "memories",
        "tile0_synapses[5]",
    ),
    "a tile subtracts": (
        Mutant(
            "subtracts", "fabric.tile", "accumulator_read.data + weight", "accumulator_read.data - weight"
        ),
        "tiles",
        "random program",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_hardware_is_caught(name: str) -> None:
    mutant, check, says = FAULTS[name]
    broken = mutant.component("board.top", PARAMS, record=encode(capability(PARAMS, BUILD)))
    failed_at(results(broken), check, says)


def test_a_wrong_baud_rate_is_caught() -> None:
    failed_at(results(query="?baud=57600"), "connect", "nobody answers")


def test_dropped_frames_are_caught() -> None:
    line = Line(faults=parse_faults("loss=0.05,seed=2"))
    failed_at(results(line=line), "echo", "had to be sent again")


def test_another_clock_is_caught() -> None:
    other = BoardParams(chain=CHAIN, clock=410_000, baud=102_500)
    board = Top(PARAMS, encode(capability(other, BUILD)))
    failed_at(results(board, real_time=True), "clock", "not at 0.41 MHz")


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

"""What runs inside cocotb: hosts on the pins of a register bank, which wait for each response.

They know what the registers must hold, from the specification, and compare every response and every word.
`axi4_lite` is a host of cocotbext-axi with random pauses on all five channels; `wishbone` is an agent of our
own, which takes back a request now and then.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer, with_timeout

from spikelock.models.bus.register_space import Answer, RegisterSpace, read, reset_words, write

SPACE = RegisterSpace()
ACCESSES = 150
PERIOD = 10
LONGEST = 1000 * PERIOD
"""An access that takes longer has locked up."""


def accesses(seed: int) -> Iterator[tuple[bool, int, int, int]]:
    """(writes, byte address of a word, data, strobes), beyond the registers too."""
    chosen = random.Random(seed)
    for _ in range(ACCESSES):
        strobes = chosen.choice([15, 15, chosen.randrange(16)])
        yield chosen.random() < 0.6, 4 * chosen.randrange(8), chosen.getrandbits(32), strobes


async def reset(dut: Any) -> None:
    """Starts the clock; all inputs are low in reset."""
    dut.rst.value = 1
    await Timer(PERIOD, "step")
    Clock(dut.clk, PERIOD, unit="step").start()
    for _ in range(3):
        await RisingEdge(dut.clk)
    dut.rst.value = 0


def pauses(seed: int) -> Iterator[bool]:
    """Whether a channel pauses, cycle by cycle: never, often, or for long."""
    chosen = random.Random(seed)
    while True:
        share = chosen.choice([0.0, 0.5, 0.9])
        for _ in range(chosen.randrange(1, 60)):
            yield chosen.random() < share


@cocotb.test()
async def axi4_lite(dut: Any) -> None:
    """Every response and word of cocotbext-axi's host is that of the specification."""
    axi: Any = import_module("cocotbext.axi")  # it has no annotations
    host = axi.AxiLiteMaster(axi.AxiLiteBus.from_entity(dut), dut.clk, dut.rst)
    channels = [host.write_if.aw_channel, host.write_if.w_channel, host.write_if.b_channel]
    channels += [host.read_if.ar_channel, host.read_if.r_channel]
    for number, channel in enumerate(channels):
        channel.set_pause_generator(pauses(number))
    await reset(dut)
    words = reset_words(SPACE)
    for writes, address, data, strobes in accesses(1):
        if writes:
            # this host makes strobes of a length: its bytes are those from the address on
            length = max(1, min(4, strobes.bit_count()))
            first = random.Random(data).randrange(5 - length)
            piece = data.to_bytes(4, "little")[first : first + length]
            done = await with_timeout(host.write(address + first, piece), LONGEST, "step")
            covered = ((1 << length) - 1) << first
            answer, words = write(
                SPACE, words, address, int.from_bytes(piece, "little") << 8 * first, covered
            )
            assert int(done.resp) == answer, f"write to {address}: {done.resp}, {answer.name} was expected"
        else:
            got = await with_timeout(host.read(address, 4), LONGEST, "step")
            answer, word = read(SPACE, words, address)
            assert int(got.resp) == answer, f"read of {address}: {got.resp}, {answer.name} was expected"
            assert int.from_bytes(got.data, "little") == word, f"read of {address}: not {word:#x}"


@cocotb.test()
async def wishbone(dut: Any) -> None:
    """Every ACK, ERR and word is that of the specification, also after a request that was taken back."""
    drive(dut, False, 0, 0, 0)
    dut.stb.value = dut.cyc.value = 0
    await reset(dut)
    await FallingEdge(dut.clk)
    chosen = random.Random(2)
    words = reset_words(SPACE)
    for writes, address, data, strobes in accesses(3):
        for _ in range(chosen.choice([0, 0, 1, 5])):
            await FallingEdge(dut.clk)
        drive(dut, writes, address, data, strobes)
        taken_back = chosen.choice([None, None, None, 1, 2])
        answer, word = (Answer.DONE, 0) if writes else read(SPACE, words, address)
        if writes:
            answer, words = write(SPACE, words, address, data, strobes)
        for cycle in range(8):
            await FallingEdge(dut.clk)
            if cycle + 1 == taken_back or dut.ack.value or dut.err.value:
                break
        else:
            raise AssertionError(f"no answer to {address} in 8 cycles")
        if dut.ack.value or dut.err.value:
            failed = answer is not Answer.DONE
            assert bool(dut.err.value) == failed, f"{address}: {answer.name} was expected"
            assert int(dut.dat_r.value) == (0 if writes else word), f"{address}: not {word:#x}"
            await RisingEdge(dut.clk)
        dut.stb.value = dut.cyc.value = 0
        await FallingEdge(dut.clk)


def drive(dut: Any, writes: bool, address: int, data: int, strobes: int) -> None:
    """Puts a request on the bus."""
    dut.cyc.value = dut.stb.value = 1
    dut.we.value, dut.adr.value = int(writes), address
    dut.dat_w.value, dut.sel.value = data, strobes

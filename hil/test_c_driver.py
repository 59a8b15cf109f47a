"""The driver in C works a virtual board through a pseudo-terminal, and gets the spikes of the engine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from spikelock.drivers.views import c
from spikelock.drivers.views.described import describe
from spikelock.hil.selftest.computing import random_program
from spikelock.hil.serving import in_a_process
from spikelock.hil.simulation import build_board
from spikelock.models.board import channels as words
from spikelock.models.board.description import BoardParams
from spikelock.models.engine.fabric import chain as engine
from spikelock.models.fabric import chain, tile
from spikelock.models.fabric.tile import Kind
from spikelock.models.network.program import Program
from spikelock.models.neurons import lif
from spikelock.models.ports import Records

CHAIN = chain.Params(
    (
        tile.Params(lif.Params(width=10, threshold=40), 3, 4, 12),
        tile.Params(lif.Params(width=10, threshold=40), 2, 7, 10, recurrent=True),
    )
)
PARAMS = BoardParams(chain=CHAIN, clock=384_000, baud=38_400)

MAIN = r"""
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include "board_registers.h"
#include "program.h"
#include "spikelock_link.h"

static struct spikelock_link link_to_board;
static size_t marks;

static void on_packet(void *context, uint8_t channel, const uint8_t *words, size_t length)
{
    (void)context;
    for (size_t at = 0; channel == SPIKELOCK_CHANNEL_EVENTS && at + OUT_BYTES <= length; at += OUT_BYTES) {
        for (size_t byte = 0; byte < OUT_BYTES; byte++)
            printf("%02x", words[at + byte]);
        printf("\n");
        marks += (words[at] & 3) != SPIKE;
    }
}

static void check(const char *what, int result, int expected)
{
    fprintf(stderr, "%s: %d\n", what, result);
    if (result != expected)
        _Exit(1);
}

int main(int count, char **arguments)
{
    struct spikelock_link *link = &link_to_board;
    struct termios line;
    uint32_t value = 0;
    int fd = open(count > 1 ? arguments[1] : "", O_RDWR | O_NOCTTY);

    if (fd < 0 || tcgetattr(fd, &line))
        return 2;
    line.c_iflag = line.c_oflag = line.c_lflag = 0;
    cfsetispeed(&line, B38400);
    cfsetospeed(&line, B38400);
    line.c_cflag |= CS8 | CREAD | CLOCAL;
    tcsetattr(fd, TCSANOW, &line);
    link->on_packet = on_packet;
    check("open", spikelock_open(link, fd, 10000), SPIKELOCK_OK);
    check("magic", spikelock_read_register(link, BOARD_MAGIC_ADDRESS, &value), SPIKELOCK_OK);
    check("is it", value == BOARD_MAGIC_RESET, 1);
    check("scratch", spikelock_write_register(link, BOARD_SCRATCH_ADDRESS, 0xDEADBEEF), SPIKELOCK_OK);
    check("scratch", spikelock_read_register(link, BOARD_SCRATCH_ADDRESS, &value), SPIKELOCK_OK);
    check("is it", value == 0xDEADBEEF, 1);
    check("only read", spikelock_write_register(link, BOARD_MAGIC_ADDRESS, 1), SPIKELOCK_NOT_WRITABLE);
    check("nothing there", spikelock_read_register(link, 0xFFF, &value), SPIKELOCK_NO_SUCH_ADDRESS);
    check("stop", spikelock_write_register(link, BOARD_RUN_ADDRESS, 0), SPIKELOCK_OK);
    LOAD
    check("run", spikelock_write_register(link, BOARD_RUN_ADDRESS, 1), SPIKELOCK_OK);
    check("grant", spikelock_grant_events(link, 60000), SPIKELOCK_OK);
    check("events", spikelock_send_events(link, events, IN_BYTES, sizeof events / IN_BYTES), SPIKELOCK_OK);
    for (int turn = 0; turn < 1000 && marks < MARKS; turn++)
        check("poll", spikelock_poll(link, 100), SPIKELOCK_OK);
    return marks < MARKS;
}
"""


def program_header(program: Program, events: Records) -> str:
    """A network and events for it, in C: arrays, and the calls that load them."""
    outgoing, incoming = chain.outputs(CHAIN)["output"], chain.inputs(CHAIN)["input"]
    marks = int(np.count_nonzero(events["kind"] != Kind.SPIKE))
    arrays = {"events": words.to_bytes(incoming, events)}
    load = []
    for number, (name, memory) in enumerate(chain.memories(CHAIN).items()):
        records = program.configuration.memories[name]
        arrays[name] = words.to_bytes(memory.layout, records)
        size = words.record_bytes(memory.layout)
        load.append(
            f'check("{name}", spikelock_load_memory(link, {number}, 0, {name}, {size}, {len(records)}), 0);'
        )
    for name, register in chain.registers(CHAIN).items():
        value = program.configuration.registers[name] % (1 << register.q.width)
        address = f"FABRIC_CHAIN_{name.upper()}_ADDRESS"
        load.append(f'check("{name}", spikelock_write_register(link, {address}, {value}), 0);')
    lines = ['#include "fabric_chain_registers.h"']
    lines += [f"static const uint8_t {n}[] = {{{', '.join(map(str, data))}}};" for n, data in arrays.items()]
    lines += [
        f"#define OUT_BYTES {words.record_bytes(outgoing)}u",
        f"#define IN_BYTES {words.record_bytes(incoming)}u",
    ]
    lines += [f"#define MARKS {marks}u", f"#define SPIKE {int(Kind.SPIKE)}", f"#define LOAD {' '.join(load)}"]
    return "\n".join([*lines, ""])


@pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is not installed")
def test_the_driver_in_c_loads_and_runs_a_network(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    program = random_program(CHAIN, random)
    kinds = np.append(random.choice([Kind.SPIKE, Kind.SPIKE, Kind.SPIKE, Kind.TICK], 120), Kind.TICK)
    addresses = np.where(kinds == Kind.SPIKE, random.integers(0, 4, len(kinds)), 0)
    events = chain.inputs(CHAIN)["input"].records(kinds, addresses)
    expected = engine.run(CHAIN, program.configuration, {"input": events})["output"]

    headers = {
        f"{d.identifier}_registers.h": c.header(d)
        for d in (describe("board"), describe("fabric.chain", CHAIN))
    }
    for name, text in {
        **c.driver(),
        **headers,
        "program.h": program_header(program, events),
        "main.c": MAIN,
    }.items():
        (tmp_path / name).write_text(text)
    flags = ["-Wall", "-Wextra", "-Werror", "-std=c99"]
    subprocess.run(["gcc", *flags, "main.c", "spikelock_link.c", "-o", "main"], cwd=tmp_path, check=True)
    with in_a_process(build_board(PARAMS)) as url:
        path = url.removeprefix("serial:").partition("?")[0]
        done = subprocess.run([tmp_path / "main", path], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    data = bytes.fromhex("".join(done.stdout.split()))
    got = words.from_bytes(chain.outputs(CHAIN)["output"], data)
    assert got.tolist() == expected.tolist()
    assert np.count_nonzero(got["address"] >= 4) > 3, "neurons fired"

"""A board without its link, under stalls: whatever the endpoint's pace, each channel says the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pytest

from spikelock.hil.selftest.computing import random_program
from spikelock.models.board import channels as words
from spikelock.models.board.capability import capability, encode
from spikelock.models.board.description import BoardParams
from spikelock.models.board.registers import CHAIN_REGISTERS, MAGIC, REGISTERS, STATUS
from spikelock.models.core import run_reference
from spikelock.models.fabric import chain, tile
from spikelock.models.fixed import unsigned
from spikelock.models.link.protocol import Channel, packet_stream
from spikelock.models.network.trace import events_of_raster
from spikelock.models.neurons import lif
from spikelock.models.ports import Port
from spikelock.rtl.board.services import OF_LINK, Services
from spikelock.testbenches.lockstep import HEAVY, LIGHT, NONE, Built, Job, Model, Stall, build

CHAIN = chain.Params((tile.Params(lif.Params(width=10, threshold=40), 3, 4, 12),))
PARAMS = BoardParams(chain=CHAIN, event_buffer=16)
RECORD = encode(capability(PARAMS, "test"))
(INCOMING,), (OUTGOING,) = chain.inputs(CHAIN).values(), chain.outputs(CHAIN).values()
LEVELS = {"session": {"value": 0}, "link": dict.fromkeys(OF_LINK, 0)}
ADDRESSES = {name: address for address, name in enumerate(REGISTERS)}


@cache
def board() -> Built:
    bit = Port({"value": unsigned(1)}, kind="level")
    link = Port({name: STATUS[name].q for name in OF_LINK}, kind="level")
    inputs = {"input": packet_stream(), "session": bit, "link": link}
    return build(Services(PARAMS, RECORD), inputs, {"output": packet_stream(), "busy": bit})


def answers(packets: Sequence[bytes], stalls: Stall, seed: int) -> Mapping[int, list[bytes]]:
    """What a board says to packets, by channel."""
    beats = [(byte, at == len(p) - 1) for p in packets for at, byte in enumerate(p)]
    job = Job(
        {"input": packet_stream().from_tuples(beats)}, levels=LEVELS, stalls=stalls, seed=seed, drain=3_000
    )
    with Model(board(), seed=seed) as model:
        response = model.run(job)
    assert response.ok, response.problems
    said = defaultdict(list)
    packet = b""
    for byte, last in response.outputs["output"].tolist():
        packet += bytes([byte])
        if last:
            said[packet[0]].append(packet[1:])
            packet = b""
    assert not packet
    return said


def write(address: int, value: int) -> bytes:
    return bytes([Channel.REGISTERS]) + words.REGISTER_REQUEST.pack(1, address, value)


def read(address: int) -> bytes:
    return bytes([Channel.REGISTERS]) + words.REGISTER_REQUEST.pack(0, address, 0)


def memory(operation: int, number: int, first: int, count: int, data: bytes = b"") -> bytes:
    return bytes([Channel.MEMORIES]) + words.memory_request(operation, number, first, count) + data


def grant(count: int) -> bytes:
    return bytes([Channel.CREDIT]) + words.CREDIT.pack(Channel.EVENTS, count)


@pytest.mark.parametrize(("stalls", "seed"), [(NONE, 0), (LIGHT, 1), (HEAVY, 2)])
def test_registers_memories_events_and_echo_under_stalls(stalls: Stall, seed: int) -> None:
    random = np.random.default_rng(seed)
    program = random_program(CHAIN, random)
    configuration = program.configuration
    events = events_of_raster(random.random((1, 9, 4)) < 0.4, INCOMING)[:16]  # as many as may be sent at once
    echoes = [random.bytes(int(size)) for size in random.integers(1, 247, 5)]
    packets = [
        *(
            memory(words.WRITE, n, 0, m.depth, words.to_bytes(m.layout, configuration.memories[name]))
            for n, (name, m) in enumerate(chain.memories(CHAIN).items())
        ),
        *(write(CHAIN_REGISTERS + n, v) for n, v in enumerate(configuration.registers.values())),
        bytes([Channel.ECHO]) + echoes[0],
        write(ADDRESSES["run"], 1),
        grant(1000),
        bytes([Channel.EVENTS]) + words.to_bytes(INCOMING, events),
        *(bytes([Channel.ECHO]) + echo for echo in echoes[1:]),
        read(ADDRESSES["magic"]),
        write(ADDRESSES["magic"], 1),
        read(0x900),
        read(CHAIN_REGISTERS + 2),
    ]
    said = answers(packets, stalls, seed)
    _, expected = run_reference(chain.CORE, CHAIN, configuration, {"input": events})
    came = words.from_bytes(OUTGOING, b"".join(said[Channel.EVENTS]))
    assert np.array_equal(came, expected["output"])
    assert said[Channel.ECHO] == echoes
    replies = [words.REGISTER_REPLY.unpack(reply) for reply in said[Channel.REGISTERS]]
    assert replies[-4:] == [
        (words.DONE, MAGIC),
        (words.NOT_WRITABLE, 0),
        (words.NO_SUCH_ADDRESS, 0),
        (words.DONE, configuration.registers["tile0_threshold"]),
    ]
    granted = [words.CREDIT.unpack(credit) for credit in said[Channel.CREDIT]]
    assert sum(more for channel, more in granted if channel == Channel.EVENTS) >= 16 + 12


@pytest.mark.parametrize(("stalls", "seed"), [(NONE, 0), (HEAVY, 1)])
def test_memories_are_read_in_pieces(stalls: Stall, seed: int) -> None:
    memories = chain.memories(CHAIN)
    name, number = "tile0_synapses", list(memories).index("tile0_synapses")
    layout = memories[name].layout
    contents = layout.records(np.arange(12) % 3, np.arange(12) - 5)
    said = answers(
        [
            memory(words.READ, number, 0, 1),  # the chain is in reset, and not idle
            write(ADDRESSES["run"], 1),
            memory(words.WRITE, number, 0, 12, words.to_bytes(layout, contents)),
            memory(words.READ, number, 3, 7),
            memory(words.READ, words.CAPABILITY, 0, 500),
            memory(words.READ, 77, 0, 1),
            memory(words.READ, number, 12, 1),
        ],
        stalls,
        seed,
    )[Channel.MEMORIES]
    header = words.MEMORY_ANSWER_BYTES
    assert [len(answer) for answer in said] == [header, header + 14, 246, 246, header + 16, header, header]
    assert words.to_bytes(layout, contents[3:10]) == said[1][header:]
    assert b"".join(answer[header:] for answer in said[2:5])[: len(RECORD)] == RECORD
    assert [int.from_bytes(answer[1:header], "little") for answer in said] == [0, 3, 0, 242, 484, 0, 12]


REFUSED = {
    "an unknown channel": [bytes([9, 1, 2])],
    "a request cut short": [write(0, 5)[:-1]],
    "a word of credit cut short": [grant(5)[:-1]],
    "credit for a channel that needs none": [bytes([0, Channel.ECHO, 1, 0])],
    "a write cut short": [memory(words.WRITE, 0, 0, 2, bytes(3))],
    "a write that is too long": [memory(words.WRITE, 0, 0, 1, bytes(3))],
    "a write beyond the memory": [memory(words.WRITE, 1, 12, 1, bytes(2))],
    "a write to no memory": [memory(words.WRITE, 9, 0, 1, bytes(2))],
    "a header cut short": [memory(words.WRITE, 0, 0, 1)[:-1]],
    "a read with something behind it": [memory(words.READ, 0, 0, 1, bytes(2))],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_breaks_a_rule_is_refused_and_counted(name: str) -> None:
    said = answers([*REFUSED[name], read(ADDRESSES["link_refused"]), read(0)], HEAVY, 3)
    assert [words.REGISTER_REPLY.unpack(reply) for reply in said[Channel.REGISTERS]] == [(0, 1), (0, 0)]


def test_events_without_room_are_counted_as_dropped() -> None:
    packets = [bytes([Channel.EVENTS, *[1] * 20]), read(ADDRESSES["dropped"])]
    said = answers(packets, NONE, 0)
    assert words.REGISTER_REPLY.unpack(said[Channel.REGISTERS][0]) == (0, 4)


def test_nothing_is_sent_without_credit() -> None:
    packets = [write(ADDRESSES["run"], 1), bytes([Channel.EVENTS, 1, 1, 1])]
    assert not answers(packets, NONE, 0)[Channel.EVENTS]
    said = answers([*packets, grant(2)], NONE, 0)[Channel.EVENTS]
    assert len(words.from_bytes(OUTGOING, b"".join(said))) == 2

"""Wire formats: published bytes, real sockets on loopback, and what is lost, doubled, late or rubbish."""

from __future__ import annotations

import itertools
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.drivers.wire import aer_udp, spike_packet
from spikelock.drivers.wire.aer_udp import AerReceiver, AerSender
from spikelock.drivers.wire.datagrams import Outbox
from spikelock.drivers.wire.sequence import WINDOW, Order, Sequence
from spikelock.drivers.wire.spike_packet import SPIKES, SpikeReceiver, SpikeSender
from spikelock.models.errors import BadInput, RangeError


# ---------------------------------------------------------------- numbers
def order_of(numbers: list[int], bits: int = 16) -> tuple[list[int], Order]:
    """The numbers that are taken, and the counts."""
    order = Order()
    sequence = Sequence(bits, order)
    return [number for number in numbers if sequence.take(number)], order


def test_numbers_in_a_row_are_perfect_through_the_wrap() -> None:
    taken, order = order_of([*range(65_500, 65_536), *range(100)])
    assert len(taken) == 136
    assert order == Order(taken=136)
    assert order.perfect


@pytest.mark.parametrize(
    ("numbers", "taken", "expected"),
    [
        ([0, 1, 4], [0, 1, 4], Order(taken=3, lost=2)),
        ([65_535, 2], [65_535, 2], Order(taken=2, lost=2)),
        ([0, 2, 1, 3], [0, 2, 1, 3], Order(taken=4, late=1)),
        ([0, 1, 1, 0, 2], [0, 1, 2], Order(taken=3, duplicates=2)),
        ([0, 3, 1, 1, 65_535], [0, 3, 1, 65_535], Order(taken=4, lost=1, late=2, duplicates=1)),
        ([5_000, 0, 1, 2], [5_000, 1, 2], Order(taken=3, strays=1, restarts=1)),
        ([5_000, 0, 5_001, 1, 5_002], [5_000, 5_001, 5_002], Order(taken=3, strays=2)),
    ],
    ids=["gap", "gap at the wrap", "late", "doubled", "all", "sender began again", "strays"],
)
def test_what_numbers_tell(numbers: list[int], taken: list[int], expected: Order) -> None:
    assert order_of(numbers) == (taken, expected)


@given(st.lists(st.integers(0, 300), unique=True, min_size=1), st.integers(0, 65_535), st.data())
def test_any_order_is_counted_exactly(offsets: list[int], first: int, data: st.DataObject) -> None:
    """Within the window nothing is refused that is new, and nothing taken twice."""
    again = data.draw(st.lists(st.sampled_from(offsets)))
    taken, order = order_of([(first + n) % 65_536 for n in offsets + again])
    assert len(taken) == len(offsets)
    assert order.duplicates == len(again)
    after_first = [n for n in offsets if n > offsets[0]]
    assert order.lost == max([0, *(n - offsets[0] for n in after_first)]) - len(after_first)


def test_a_gap_beyond_the_window_counts_in_full() -> None:
    _, order = order_of([0, WINDOW + 500, 3])
    assert order == Order(taken=2, lost=WINDOW + 499, strays=1)


# ---------------------------------------------------------------- AER over UDP
def test_published_bytes_of_aer() -> None:
    some = aer_udp.events([1, 0xFFFFFFFF], [2, 0xFFFF], [3, 0])
    wire = bytes.fromhex("ae01 0007 0002 0000  00000001 0002 0003  ffffffff ffff 0000")
    assert aer_udp.encode(some, 7) == [wire]
    assert wire == struct.pack("!HHHH", 0xAE01, 7, 2, 0) + struct.pack(
        "!IHHIHH", 1, 2, 3, 2**32 - 1, 65_535, 0
    )
    decoded = aer_udp.decode(wire)
    assert not isinstance(decoded, aer_udp.Refusal)
    assert decoded[0] == 7
    assert np.array_equal(decoded[1], some)


def test_datagrams_fit_the_mtu_over_both_kinds_of_ip() -> None:
    """180 events fit over IPv6; the published 186 do not fit even over IPv4."""
    assert aer_udp.MOST_EVENTS == 180
    longest = max(map(len, aer_udp.encode(aer_udp.events(np.arange(1000), 1), 0)))
    assert longest == 8 + 180 * 8
    assert longest + 8 + 40 <= aer_udp.MTU < longest + 8 + 8 + 40
    assert 8 + 186 * 8 + 8 + 20 == 1524


def test_numbers_of_datagrams_wrap() -> None:
    sent = aer_udp.encode(aer_udp.events(np.arange(541), 1), 65_534)
    assert [struct.unpack_from("!HHHH", d)[1:3] for d in sent] == [
        (65_534, 180),
        (65_535, 180),
        (0, 180),
        (1, 1),
    ]


@pytest.mark.parametrize(
    ("column", "message"),
    [([2**32], "timestamp = 4294967296"), ([-1], "timestamp = -1"), ([0.5], "integers")],
)
def test_events_that_do_not_fit_are_refused(column: list[float], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        aer_udp.events(column, 0)
    with pytest.raises(RangeError, match="id = 65536 does not fit its field: 0 … 65535"):
        aer_udp.events(0, 65_536)


@given(st.binary(max_size=64), st.binary(max_size=40))
def test_no_rubbish_gives_a_traceback(start: bytes, rest: bytes) -> None:
    for datagram in (start, b"\xae\x01" + rest):
        decoded = aer_udp.decode(datagram)
        if not isinstance(decoded, aer_udp.Refusal):
            assert aer_udp.encode(decoded[1], decoded[0]) in ([datagram], [])
        spike = spike_packet.read(datagram)
        assert isinstance(spike, spike_packet.Refusal) or spike_packet.encode(spike).tobytes() == datagram


def test_malformed_datagrams_are_counted_by_reason() -> None:
    good = aer_udp.encode(aer_udp.events(5, [1, 2]), 0)[0]
    bad = [good[:7], b"", b"\0" + good[1:], good[:6] + b"\0\1" + good[8:], good[:-1], good + b"\0"]
    with AerReceiver() as receiver, Outbox("127.0.0.1", receiver.port) as sender:
        for datagram in [*bad, good]:
            sender.send(datagram)
        some = receiver.receive()
        assert some is not None
        assert some["id"].tolist() == [1, 2]
        reasons = aer_udp.Refusal
        assert receiver.refused == {
            reasons.SHORT: 2,
            reasons.MAGIC: 1,
            reasons.RESERVED: 1,
            reasons.LENGTH: 2,
        }
        assert receiver.order == Order(taken=1)


def test_events_arrive_over_a_socket_in_order() -> None:
    some = aer_udp.events(np.arange(5_000) // 7, np.arange(5_000) % 999, 1)
    with AerReceiver() as receiver, AerSender("127.0.0.1", receiver.port, first=65_530) as sender:
        assert sender.send_events(some) == 28
        arrived = np.concatenate(list(receiver.stream(silence=0.05)))
        assert np.array_equal(arrived, some)
        assert receiver.order.perfect
        assert receiver.order.taken == 28


def test_lost_doubled_and_late_datagrams_are_seen_by_the_receiver() -> None:
    some = aer_udp.events(np.arange(180 * 10), 3)
    datagrams = aer_udp.encode(some, 65_532)
    order = [0, 1, 1, 3, 2, 5, 8, 9, 9]  # 4, 6 and 7 are lost
    with AerReceiver() as receiver, Outbox("127.0.0.1", receiver.port) as sender:
        for number in order:
            sender.send(datagrams[number])
        arrived = np.concatenate(list(receiver.stream(silence=0.05)))
        assert receiver.order == Order(taken=7, lost=3, late=1, duplicates=2)
        assert arrived["timestamp"][::180].tolist() == [180 * n for n in (0, 1, 3, 2, 5, 8, 9)]


def test_each_sender_has_its_own_numbers() -> None:
    with (
        AerReceiver() as receiver,
        AerSender("127.0.0.1", receiver.port) as one,
        AerSender("127.0.0.1", receiver.port, first=500) as other,
    ):
        for _ in range(3):
            one.send_events(aer_udp.events(1, 1))
            other.send_events(aer_udp.events(1, 2))
        assert len(np.concatenate(list(receiver.stream(silence=0.05)))) == 6
        assert receiver.order == Order(taken=6)


def test_a_larger_datagram_of_the_published_sender_is_understood() -> None:
    some = aer_udp.events(np.arange(186), 1)
    wire = struct.pack("!HHHH", 0xAE01, 0, 186, 0) + some.astype(aer_udp.ON_WIRE).tobytes()
    decoded = aer_udp.decode(wire)
    assert not isinstance(decoded, aer_udp.Refusal)
    assert np.array_equal(decoded[1], some)


def test_nobody_listening_is_counted() -> None:
    with AerReceiver() as receiver:
        port = receiver.port
    with AerSender("127.0.0.1", port) as sender:
        for _ in range(3):
            sender.send_events(aer_udp.events(0, 0))
        assert sender.unreachable >= 1


def test_a_bad_address_is_bad_input() -> None:
    with pytest.raises(BadInput, match=r"127\.0\.0\.1:9000 is one"):
        AerSender("no such host.invalid", 9000)
    with AerReceiver() as receiver, pytest.raises(BadInput, match="port 0 takes a free one"):
        AerReceiver("127.0.0.1", receiver.port)


# ---------------------------------------------------------------- spike packets
def spikes(count: int) -> spike_packet.Spikes:
    made = np.zeros(count, SPIKES)
    made["source"], made["target"] = np.arange(count), 2**32 - 1
    made["timestamp"], made["length"] = 2**64 - 1, 5
    return made


def test_published_bytes_of_a_spike_packet() -> None:
    one = np.array([(0x01020304, 0x05060708, 0x090A0B0C0D0E0F10, 0x11121314, 0x15161718191A1B1C)], SPIKES)
    assert spike_packet.encode(one).tobytes() == bytes(range(1, 29))
    assert spike_packet.encode(one).tobytes() == struct.pack(">IIQIq", *one[0].item())
    assert np.array_equal(spike_packet.decode(spike_packet.encode(one)), one)
    assert spike_packet.ACKNOWLEDGEMENT.pack(7) == b"\0\0\0\0\0\0\0\7"
    with pytest.raises(BadInput, match=r"\(spikes, 28\)"):
        spike_packet.decode(np.zeros((3, 27), np.uint8))


@contextmanager
def taking(receiver: SpikeReceiver) -> Iterator[list[int]]:
    """The sources of the spikes that the receiver takes, beside what runs inside."""
    sources: list[int] = []
    end = threading.Event()

    def run() -> None:
        while (spike := receiver.receive(0.02)) is not None or not end.is_set():
            if spike is not None:
                sources.append(int(spike["source"][0]))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield sources
    finally:
        end.set()
        thread.join()


class Lossy(SpikeSender):
    """Loses and doubles packets, and loses acknowledgements."""

    random = np.random.default_rng(3)

    def send(self, datagram: bytes) -> None:
        for _ in range(self.random.choice([0, 1, 1, 2])):
            super().send(datagram)

    def next(self, timeout: float) -> bytes | None:
        arrived = super().next(timeout)
        return None if self.random.random() < 0.2 else arrived


def test_every_spike_arrives_once_over_a_line_that_loses() -> None:
    with SpikeReceiver() as receiver:
        with (
            taking(receiver) as sources,
            Lossy("127.0.0.1", receiver.port, patience=0.03, attempts=10_000) as sender,
        ):
            assert sender.send_spikes(spikes(100)) == []
            assert sender.send_spikes(spikes(30)) == []
            assert sender.repeated > 0
        assert sorted(sources) == sorted([*range(100), *range(30)])
        assert receiver.order.taken == 130
        assert receiver.order.lost == 0
        assert receiver.order.duplicates > 0
        assert receiver.order.late > 0


def test_what_nobody_acknowledges_is_named() -> None:
    with SpikeReceiver() as deaf, SpikeSender("127.0.0.1", deaf.port, patience=0.01, attempts=2) as sender:
        assert sender.send_spikes(spikes(3)) == [0, 1, 2]
        assert sender.repeated == 3


def test_where_nobody_listens_all_is_named() -> None:
    """Whether the system says so while it sends, or while it listens."""
    with SpikeSender("127.0.0.1", 9, patience=0.01, attempts=3) as sender:
        assert sender.send_spikes(spikes(5)) == [0, 1, 2, 3, 4]
        assert sender.unreachable > 0


def test_what_was_acknowledged_while_the_machine_slept_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    class Answered(SpikeSender):
        def send(self, datagram: bytes) -> None:
            super().send(datagram)
            assert receiver.receive() is not None

    asleep = SimpleNamespace(monotonic=itertools.count(step=3600.0).__next__)
    monkeypatch.setattr(spike_packet, "time", asleep)
    with SpikeReceiver() as receiver, Answered("127.0.0.1", receiver.port, attempts=1) as sender:
        assert sender.send_spikes(spikes(5)) == []


def test_malformed_packets_are_counted_and_not_acknowledged() -> None:
    negative = spikes(1)
    negative["sequence"] = -1
    with SpikeReceiver() as receiver, Outbox("127.0.0.1", receiver.port) as sender:
        for datagram in (b"", bytes(27), bytes(29), spike_packet.encode(negative).tobytes(), bytes(28)):
            sender.send(datagram)
        assert receiver.receive() is not None
        assert receiver.refused == {spike_packet.Refusal.LENGTH: 3, spike_packet.Refusal.SEQUENCE: 1}
        assert sender.next(1.0) == bytes(8)
        assert sender.next(0.01) is None


def test_a_window_that_cannot_be_told_from_duplicates_is_refused() -> None:
    with pytest.raises(BadInput, match="64 works"):
        SpikeSender("127.0.0.1", 9000, window=WINDOW + 1)

"""Nothing is lost, doubled or changed on any line, whatever goes wrong there; a wrong endpoint is caught."""

from __future__ import annotations

from collections import Counter

import pytest
from cobs import cobs

from spikelock.drivers import connection
from spikelock.drivers.endpoint import Endpoint
from spikelock.drivers.frames import FrameReader
from spikelock.drivers.loopback import LINES, Loopback
from spikelock.drivers.soak import Soak, soak
from spikelock.drivers.transports.faults import RATES, Faults, Faulty, parse_faults
from spikelock.models.errors import LinkError
from spikelock.testbenches.pytest_plugin import Size

SPECS = {
    "none": "",
    "bit_errors": "bit_errors=1e-5",
    "loss": "loss=0.01",
    "duplication": "duplication=0.02",
    "reordering": "reordering=0.01",
    "truncation": "truncation=0.01",
    "rubbish": "rubbish=0.01",
    "stalls": "stalls=0.003",
    "disconnects": "disconnects=0.003",
    "all": "bit_errors=1e-6,loss=0.003,duplication=0.003,reordering=0.003,truncation=0.003,rubbish=0.003,"
    "stalls=0.001,disconnects=0.001",
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("fault", SPECS)
def test_each_byte_comes_back_once_and_in_order(
    loopback: Loopback, line: str, fault: str, size: Size
) -> None:
    faults = parse_faults(SPECS[fault])
    link, peer = loopback.connected(line, faults)
    packets = size.pick(600, 500_000 if line == "in-process" else 50_000)
    result = soak(link, packets, seed=7)
    assert result == Soak(packets, packets, result.resumed), result.problem
    happened = link.transport.happened if isinstance(link.transport, Faulty) else Counter[str]()
    ends = link.statistics, peer.statistics
    spoiled = sum(end.not_frames + end.crc_errors for end in ends)
    frames, again = sum(end.frames_sent for end in ends), sum(end.frames_replayed for end in ends)
    print(
        f"{frames:,} frames, {again:,} of them again, {spoiled:,} spoiled; {dict(happened)}"
    )  # shown by -rP
    wanted = {name for name in RATES if getattr(faults, name)}
    assert set(happened) == wanted or (fault == "all" and size is Size.SHORT and happened)
    assert (result.resumed > 0) == (happened["disconnects"] > 0)
    if fault in ("none", "stalls", "duplication", "loss"):
        assert spoiled == 0


def test_every_kind_of_fault_is_tried() -> None:
    assert {*RATES, "none", "all"} == set(SPECS)


def test_time_passes_while_the_line_takes_nothing(loopback: Loopback) -> None:
    """A timeout that falls into a stall with full buffers is no reason not to wait."""
    link, _ = loopback.connected("in-process", parse_faults(SPECS["stalls"]))
    assert soak(link, 5_000, seed=7).ok


@pytest.mark.parametrize("window", [1, 2, 4, 16])
def test_boards_with_a_small_window(loopback: Loopback, window: int) -> None:
    link, _ = loopback.connected("in-process", Faults(loss=0.02, reordering=0.02, seed=window), window)
    assert soak(link, 300).ok


# ---------------------------------------------------------------- controls
class AcknowledgesWhatItLacks(Endpoint):
    """An acknowledgement goes out for each packet that comes, whether or not those before it came."""

    def _take_packet(self, number: int, body: bytes) -> None:
        if number != self._expected:
            self._expected = number
        super()._take_packet(number, body)


class IgnoresNumbers(Endpoint):
    """Every packet is delivered, those that came before, too."""

    def _take_packet(self, number: int, body: bytes) -> None:
        if (number - self._expected) % 256 >= 128:
            self._deliver(body[3:])
        super()._take_packet(number, body)


class DropsWithoutRoom(Endpoint):
    """What finds no room is acknowledged all the same."""

    def _take_packet(self, number: int, body: bytes) -> None:
        deliver, self._deliver = self._deliver, lambda packet: deliver(packet) or True
        super()._take_packet(number, body)
        self._deliver = deliver


class NeverRepeats(Endpoint):
    """What was sent is not sent again."""

    def _replay(self) -> None:
        self._progress_at = self.clock()


def wrong_in(
    loopback: Loopback, faults: Faults, monkeypatch: pytest.MonkeyPatch, endpoint: type[Endpoint]
) -> str:
    """What a soak says of a board with this endpoint."""
    host, board = loopback.ends("in-process")
    with monkeypatch.context() as patch:
        patch.setattr(connection, "Endpoint", endpoint)
        peer = loopback.peer(board)
    link = loopback.link(host, peer, faults)
    link.open()
    try:
        return soak(link, 2_000).problem
    except LinkError as error:
        return str(error)


LOSSY = Faults(loss=0.02, duplication=0.02, reordering=0.05, seed=1)


@pytest.mark.parametrize("endpoint", [AcknowledgesWhatItLacks, IgnoresNumbers, NeverRepeats])
def test_control_a_wrong_endpoint_is_caught(
    loopback: Loopback, endpoint: type[Endpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wrong_in(loopback, LOSSY, monkeypatch, Endpoint) == ""
    assert wrong_in(loopback, LOSSY, monkeypatch, endpoint)


def test_control_dropping_for_want_of_room_is_caught(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MOST_WAITING", 4)
    assert wrong_in(loopback, LOSSY, monkeypatch, Endpoint) == ""
    assert wrong_in(loopback, LOSSY, monkeypatch, DropsWithoutRoom)


def test_control_a_crc_that_is_not_checked_is_caught(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unchecked(self: FrameReader, encoded: bytearray) -> bytes | None:
        try:
            body: bytes = cobs.decode(encoded)[:-4]
        except cobs.DecodeError:
            return None
        return body if len(body) >= 3 else None

    noisy = Faults(bit_errors=1e-4, seed=2)
    assert wrong_in(loopback, noisy, monkeypatch, Endpoint) == ""
    monkeypatch.setattr(FrameReader, "_body", unchecked)
    assert wrong_in(loopback, noisy, monkeypatch, Endpoint)

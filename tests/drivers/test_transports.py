"""Lines: what a URL may say, what faults do, and that bytes pass."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping

import pytest

from spikelock.drivers.loopback import Clock
from spikelock.drivers.transports.faults import Faults, Faulty, parse_faults
from spikelock.drivers.transports.in_process import Ring, pair
from spikelock.drivers.transports.pseudo_terminal import PseudoTerminal
from spikelock.drivers.transports.serial_port import SerialPort
from spikelock.drivers.transports.transport import Transport
from spikelock.drivers.transports.udp import LONGEST_DATAGRAM, UDP, UDPServer
from spikelock.drivers.transports.url import Scheme, open_transport
from spikelock.models.errors import BadInput, LineLost, MissingTool


# ---------------------------------------------------------------- URLs
@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "begins with a scheme that is known; these work: serial:/dev/ttyUSB1"),
        ("/dev/ttyUSB1", "begins with a scheme"),
        ("tcp:localhost:1", "udp:127.0.0.1:5005"),
        ("serial:", "a path and a whole number are needed"),
        ("serial:/dev/ttyUSB1?baud=fast", "as in serial:/dev/ttyUSB1"),
        ("serial:/dev/ttyUSB1?baud=12000001", "1 … 12000000 are possible"),
        ("serial:/dev/ttyUSB1?speed=9600", "speed is no query of serial:, which knows baud, faults"),
        ("udp:localhost", "a host and a port 1 … 65535 are needed"),
        ("udp:localhost:0", "as in udp:127.0.0.1:5005"),
        ("udp:localhost:70000", "as in udp:127.0.0.1:5005"),
        ("udp:127.0.0.1:5005?faults=los=1", "'los' is none; there are bit_errors, loss"),
        ("udp:127.0.0.1:5005?faults=loss=much", "'loss=much': a number is needed"),
        ("udp:127.0.0.1:5005?faults=loss=1.5", "loss = 1.5: rates are 0 … 1"),
    ],
)
def test_a_wrong_url_is_told_what_works(url: str, message: str) -> None:
    with pytest.raises(BadInput, match=message.replace(".", r"\.")):
        open_transport(url)


def test_a_port_that_is_not_there() -> None:
    with pytest.raises(LineLost, match=r"serial:/dev/nothing cannot be opened at 9600 baud.*plugged in"):
        open_transport("serial:/dev/nothing?baud=9600")
    with pytest.raises(LineLost, match="cannot be reached"):
        open_transport("udp:no.such.host.invalid:5005")


def test_further_schemes_and_faults_on_any() -> None:
    def opener(rest: str, query: Mapping[str, str]) -> Transport:
        return pair(f"{rest} {dict(query)}")[0]

    schemes = {"virtual": Scheme(opener, frozenset({"speed"}), "virtual:")}
    line = open_transport("virtual:a%20b?speed=2&faults=loss=0.5,seed=3", schemes)
    assert isinstance(line, Faulty)
    assert line.name == "a b {'speed': '2'} with faults"
    with pytest.raises(BadInput, match=r"these work: .*, virtual:"):
        open_transport("vitual:", schemes)


def test_without_pyserial_it_is_said_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(MissingTool, match=r"pip install 'spikelock\[hil\]'"):
        open_transport("serial:/dev/ttyUSB1")


# ---------------------------------------------------------------- bytes pass
def test_a_ring_is_a_queue() -> None:
    chance, ring, model = random.Random(1), Ring(100), bytearray()
    buffer = memoryview(bytearray(100))
    for _ in range(2_000):
        data = chance.randbytes(chance.randint(0, 60))
        taken = ring.put(memoryview(data))
        assert taken == min(len(data), 100 - len(model))
        model += data[:taken]
        count = ring.get(buffer[: chance.randint(0, 60)])
        assert bytes(buffer[:count]) == model[:count]
        del model[:count]
        assert len(ring) == len(model)


@pytest.mark.parametrize("baud", [9_600, 115_200, 3_000_000, 12_000_000])
def test_a_serial_port_on_a_pseudo_terminal(baud: int) -> None:
    board = PseudoTerminal()
    host = open_transport(f"serial:{board.path}?baud={baud}")
    assert host.bytes_per_second == baud / 10
    buffer = memoryview(bytearray(5000))
    every_byte = bytes(range(256))
    for one, other in ((host, board), (board, host)):
        assert other.read_into(buffer) == 0
        assert one.write(memoryview(every_byte)) == 256
        other.wait(5.0)
        assert bytes(buffer[: other.read_into(buffer)]) == every_byte
    host.close()
    host.close()
    with pytest.raises(LineLost, match="it is closed"):
        host.read_into(buffer)
    host.reopen()
    assert host.write(memoryview(b"again")) == 5
    host.close()
    board.close()


def test_a_line_that_is_flushed_was_not_unplugged() -> None:
    """What stood on it when the host began to look is gone when it reads."""
    board = PseudoTerminal()
    host = SerialPort(board.path)
    buffer = memoryview(bytearray(64))
    board.write(memoryview(b"lost"))
    host.wait(5.0)
    board.reopen()
    assert host.read_into(buffer) == 0
    board.write(memoryview(b"kept"))
    host.wait(5.0)
    assert bytes(buffer[: host.read_into(buffer)]) == b"kept"
    board.close()
    host.wait(5.0)
    with pytest.raises(LineLost, match="it was unplugged or closed at the other end"):
        host.read_into(buffer)
    host.close()


def test_a_terminal_that_nobody_reads_takes_no_more() -> None:
    board = PseudoTerminal()
    host = SerialPort(board.path)
    data = memoryview(bytes([1]) * 4096)
    for _ in range(1000):
        if host.write(data) == 0:
            break
    else:
        raise AssertionError("it takes ever more")
    host.wait(0.01, to_write=True)
    host.close()
    board.close()


def test_datagrams_come_whole_and_each_behind_a_zero() -> None:
    board = UDPServer()
    host = UDP("127.0.0.1", board.port)
    buffer = memoryview(bytearray(LONGEST_DATAGRAM + 1))
    assert board.write(memoryview(b"to nobody")) == 9
    for size in (1, LONGEST_DATAGRAM):
        for one, other in ((host, board), (board, host)):
            assert one.write(memoryview(b"\7" * size)) == size
            other.wait(5.0)
            assert bytes(buffer[: other.read_into(buffer)]) == b"\0" + b"\7" * size
            assert other.read_into(buffer) == 0
    with pytest.raises(LineLost, match=rf"udp:127\.0\.0\.1:{board.port} cannot be taken.*port 0"):
        UDPServer(board.port)
    host.close()
    board.close()
    with pytest.raises(LineLost, match="is closed"):
        board.read_into(buffer)


# ---------------------------------------------------------------- faults
FRAME = bytes(range(1, 101)) + b"\0"
PIECES = 4_000


def through(spec: str) -> list[bytes]:
    """What comes of many frames, cut at the zeros."""
    clock = Clock()
    line, far_end = pair()
    faulty = Faulty(line, parse_faults(spec), clock)
    buffer = memoryview(bytearray(1 << 16))
    received = bytearray()
    for _ in range(PIECES):
        while not faulty.write(memoryview(FRAME)):
            clock.now += 0.01
        received += buffer[: far_end.read_into(buffer)]
    for _ in range(50):
        clock.now += 0.01
        faulty.wait(0.0)
        received += buffer[: far_end.read_into(buffer)]
    return [part + b"\0" for part in bytes(received).split(b"\0")[:-1]]


def test_without_faults_all_passes() -> None:
    assert through("") == [FRAME] * PIECES


def test_faults_happen_as_often_as_they_should_and_repeatably() -> None:
    def rate(count: int) -> float:
        return count / PIECES

    assert 0.08 < rate(PIECES - len(through("loss=0.1"))) < 0.12
    assert 0.08 < rate(len(through("duplication=0.1")) - PIECES) < 0.12
    damaged = [part for part in through("bit_errors=1e-4") if part != FRAME]
    assert 0.06 < rate(len(damaged)) < 0.10, "808 bits a frame"
    assert 0.07 < 1 - rate(through("truncation=0.05").count(FRAME)) < 0.13, "the next frame is hurt, too"
    assert rate(sum(len(part) for part in through("rubbish=0.1"))) > len(FRAME) + 5
    assert through("stalls=0.01") == [FRAME] * PIECES
    assert through("loss=0.1,bit_errors=1e-4,seed=5") == through("loss=0.1,bit_errors=1e-4,seed=5")
    assert through("loss=0.1,seed=5") != through("loss=0.1,seed=6")


def test_reordered_frames_all_come() -> None:
    clock = Clock()
    line, far_end = pair()
    faulty = Faulty(line, Faults(reordering=0.2), clock)
    for number in range(1, 201):
        faulty.write(memoryview(bytes((number, 0))))
    clock.now += 1.0
    faulty.wait(0.0)
    buffer = memoryview(bytearray(1000))
    numbers = list(bytes(buffer[: far_end.read_into(buffer)]).replace(b"\0", b""))
    assert sorted(numbers) == list(range(1, 201)) != numbers
    assert max(abs(number - place) for place, number in enumerate(numbers, 1)) <= 20


def test_a_disconnect_cuts_a_frame_and_lasts_until_it_is_reopened() -> None:
    line, far_end = pair()
    faulty = Faulty(line, Faults(disconnects=0.5))
    buffer = memoryview(bytearray(5000))
    with pytest.raises(LineLost, match="a disconnect was wanted"):
        sum(faulty.write(memoryview(FRAME)) for _ in range(100))
    assert bytes(buffer[: far_end.read_into(buffer)]).endswith(FRAME[:50])
    with pytest.raises(LineLost):
        faulty.wait(0.0)
    faulty.reopen()
    faulty.wait(0.0)

"""What goes wrong at the other end is said, nothing hangs, and the link lives on where it can."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from spikelock.drivers.connection import LONGEST_WORDS
from spikelock.drivers.frames import encode
from spikelock.drivers.link import Link, connect
from spikelock.drivers.loopback import LINES, Loopback, Stepped
from spikelock.drivers.peer import Peer
from spikelock.drivers.soak import soak
from spikelock.drivers.transports.in_process import InProcess, pair
from spikelock.drivers.transports.pseudo_terminal import PseudoTerminal
from spikelock.drivers.transports.serial_port import SerialPort
from spikelock.drivers.transports.udp import UDPServer
from spikelock.drivers.transports.url import open_transport
from spikelock.models.errors import BadInput, LineLost, LinkError, SessionLost
from spikelock.models.link.protocol import Channel


def line_of(link: Link) -> Stepped:
    """The host's line, with the other end that it runs."""
    assert isinstance(link.transport, Stepped)
    return link.transport


# ---------------------------------------------------------------- the line goes and comes back
def test_an_unplugged_port_is_said_at_once_and_resumed_without_loss(
    loopback: Loopback, tmp_path: Path
) -> None:
    plug = tmp_path / "board"
    board = Replugged()
    plug.symlink_to(board.path)
    peer = loopback.peer(board)
    link = loopback.link(SerialPort(str(plug)), peer)
    link.open()
    assert soak(link, 20).ok
    for number in range(10):
        link.send(Channel.ECHO, bytes([number]))

    board.write(memoryview(encode(bytes(30))[:20]))  # half a frame
    board.unplug()
    with pytest.raises(LineLost, match=rf"serial:{plug} is lost.*Not acknowledged: 10 packets.*\(echo 10\)"):
        link.poll(1.0)
    plug.unlink()  # the next pseudo-terminal of anybody's may have the same name
    with pytest.raises(LineLost, match="cannot be opened"):
        link.resume(timeout=0.0)

    board.plug_in()
    plug.symlink_to(board.path)
    link.resume()
    assert [link.receive(Channel.ECHO, 1.0) for _ in range(10)] == [bytes([number]) for number in range(10)]
    assert soak(link, 20).ok
    board.unplug()
    link.close()


class Replugged:
    """The board's end of a serial cable: a new pseudo-terminal each time that it is plugged in."""

    name, longest_write, datagrams = "board", 4096, False
    bytes_per_second: float | None = None

    def __init__(self) -> None:
        self.plug_in()

    @property
    def path(self) -> str:
        return self._line.path

    def plug_in(self) -> None:
        self._line = PseudoTerminal()

    def unplug(self) -> None:
        self._line.close()

    def write(self, data: memoryview) -> int:
        return self._line.write(data) if self._line.descriptor >= 0 else 0

    def read_into(self, buffer: memoryview) -> int:
        return self._line.read_into(buffer) if self._line.descriptor >= 0 else 0

    def wait(self, timeout: float, to_write: bool = False) -> None:
        """Nothing to wait for: the host's loop runs this end."""

    def reopen(self) -> None:
        """It is plugged in by hand."""

    def close(self) -> None:
        self.unplug()


WAYS = {
    "it listens": lambda link: link.receive(Channel.ECHO, 60.0),
    "it sends": lambda link: link.send(Channel.ECHO, bytes(1_000_000), timeout=60.0),
    "it waits for an acknowledgement": lambda link: link.flush(60.0),
}
"""What a host may do when its line is unplugged."""


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("way", WAYS)
def test_an_unplugged_line_is_said_within_a_second(loopback: Loopback, line: str, way: str) -> None:
    """A second of the time in which this test lives."""
    link, peer = loopback.connected(line)
    link.send(Channel.ECHO, b"on its way")
    peer.transport.write(memoryview(encode(bytes(30))[:20]))  # it ends in the middle of a frame
    unplug(line_of(link), peer)
    assert seconds_until(loopback, link, way, "is lost") <= 1.0


@pytest.mark.parametrize("line", LINES)
def test_control_a_board_that_is_only_silent_is_given_more_time(loopback: Loopback, line: str) -> None:
    link, _ = loopback.connected(line)
    line_of(link).other_end = lambda: None
    assert seconds_until(loopback, link, "it listens", "the board has been silent") > 1.0


def seconds_until(loopback: Loopback, link: Link, way: str, message: str) -> float:
    """How long a host goes on before it is told that its line is lost."""
    begin = loopback.time()
    with pytest.raises(LineLost, match=message):
        WAYS[way](link)
    return loopback.time() - begin


def unplug(stepped: Stepped, peer: Peer) -> None:
    """Pulls the board off a host's line."""
    stepped.other_end = lambda: None
    if isinstance(stepped.line, InProcess):
        stepped.line.unplugged = True
    peer.transport.close()


def test_a_board_that_was_restarted_meanwhile_is_a_lost_session(loopback: Loopback) -> None:
    link, peer = loopback.connected("in-process")
    line = line_of(link).line
    assert isinstance(line, InProcess)
    link.send(Channel.ECHO, b"on its way")
    line.unplugged = True
    with pytest.raises(LineLost, match=r"unplugged.*1 packets that were sent \(echo 1\)"):
        link.poll()
    with pytest.raises(LineLost, match="plug it in"):
        link.resume(timeout=0.0)
    peer.restart()
    line.unplugged = False
    with pytest.raises(
        SessionLost, match=r"was restarted.*perhaps lost: 1 packets that were sent \(echo 1\)"
    ):
        link.resume()
    with pytest.raises(LinkError, match="there is no session to resume"):
        link.resume()
    with pytest.raises(LinkError, match="there is no session; open the link"):
        link.send(Channel.ECHO, b"into the void")
    link.open()
    assert soak(link, 20).ok


@pytest.mark.parametrize("line", LINES)
def test_a_board_that_restarts_while_the_line_stays(loopback: Loopback, line: str) -> None:
    link, peer = loopback.connected(line)
    assert soak(link, 20).ok
    peer.restart()
    with pytest.raises(SessionLost, match="the board was restarted"):
        soak(link, 20)
    link.open()
    assert soak(link, 20).ok


def test_udp_where_nobody_listens_any_more(loopback: Loopback) -> None:
    link, peer = loopback.connected("udp")
    peer.transport.close()
    line_of(link).other_end = lambda: None
    link.send(Channel.ECHO, b"on its way")
    with pytest.raises(LineLost, match=r"udp:127\.0\.0\.1:\d+ is lost.*refused.*1 packets.*\(echo 1\)"):
        link.flush()
    peer.transport.reopen()
    line_of(link).other_end = peer.poll
    link.resume()
    assert link.receive(Channel.ECHO, 1.0) == b"on its way"


# ---------------------------------------------------------------- who answers
def test_nobody_answers(loopback: Loopback) -> None:
    host, board = loopback.ends("in-process")
    link = loopback.link(host, Silent(board))
    with pytest.raises(LineLost, match="nobody answers within 3 s; is the board configured"):
        link.open()


def test_a_plug_that_sends_back_what_it_hears_is_no_board(loopback: Loopback) -> None:
    host, plug = loopback.ends("in-process")
    buffer = memoryview(bytearray(1 << 16))
    stepped = Stepped(host, lambda: plug.write(buffer[: plug.read_into(buffer)]), loopback.clock)
    link = Link(stepped, clock=loopback.time)
    with pytest.raises(LineLost, match="nobody answers"):
        link.open()
    assert link.statistics.foreign > 1


class Silent(Peer):
    """It neither reads nor writes."""

    def poll(self, timeout: float = 0.0) -> bool:
        return False


def test_a_peer_that_stops_reading(loopback: Loopback) -> None:
    link, peer = loopback.connected("in-process")
    line_of(link).other_end = lambda: None
    with pytest.raises(LineLost, match=r"silent for 3\.. s.*Not acknowledged: 64 packets.*bytes that wait"):
        link.send(Channel.ECHO, bytes(1_000_000), timeout=60.0)
    line_of(link).other_end = peer.poll
    link.resume()
    assert (
        sum(len(link.receive(Channel.ECHO, 1.0) or b"") for _ in range(-(-1_000_000 // LONGEST_WORDS)))
        == 1_000_000
    )


def test_a_peer_that_answers_but_takes_nothing(loopback: Loopback) -> None:
    host, board = loopback.ends("in-process")
    peer = Full(board, clock=loopback.time)
    link = loopback.link(host, peer)
    link.open()
    with pytest.raises(LinkError, match=r"the peer answers, but does not acknowledge 64 packets"):
        link.send(Channel.ECHO, bytes(100_000))


class Full(Peer):
    """It has room for nothing."""

    def _deliver(self, packet: bytes) -> bool:
        return False


def test_a_board_with_other_rules(loopback: Loopback) -> None:
    host, board = loopback.ends("in-process")
    link = loopback.link(host, Peer(board, clock=loopback.time, version=2))
    with pytest.raises(
        LinkError, match="keeps version 2 of the link's rules, this spikelock version 1; build"
    ):
        link.open()


def test_a_second_host_over_udp_takes_the_board_and_the_first_is_told(loopback: Loopback) -> None:
    first, peer = loopback.connected("udp")
    assert isinstance(peer.transport, UDPServer)
    with connect_stepped(loopback, f"udp:127.0.0.1:{peer.transport.port}", peer) as second:
        assert second.session != first.session
        first.send(Channel.ECHO, b"mine?")
        with pytest.raises(
            SessionLost, match=rf"session {second.session}, which another host began.*1 packets"
        ):
            first.flush()
        assert soak(second, 20).ok


def connect_stepped(loopback: Loopback, url: str, peer: Peer) -> Link:
    link = loopback.link(open_transport(url), peer)
    link.open()
    return link


def test_a_second_host_at_a_serial_port_is_refused(loopback: Loopback) -> None:
    link, peer = loopback.connected("pseudo-terminal")
    assert isinstance(peer.transport, PseudoTerminal)
    with pytest.raises(LineLost, match=r"cannot be opened.*does nobody else"):
        connect(f"serial:{peer.transport.path}")
    assert soak(link, 20).ok


def test_an_old_answer_that_comes_late_is_no_lost_session(loopback: Loopback) -> None:
    host, board = pair()
    loopback.made += [host, board]
    peer = loopback.peer(board)
    link = loopback.link(host, peer)
    link.open()
    for _ in range(3):
        board.write(memoryview(encode(bytes((4, link.session % 255 + 1, 1)))))
        assert soak(link, 5).ok


@pytest.mark.parametrize("line", LINES)
def test_rubbish_on_the_line(loopback: Loopback, line: str) -> None:
    host, board = loopback.ends(line)
    peer = loopback.peer(board)
    chance = random.Random(1)
    host.write(memoryview(chance.randbytes(1000)))
    link = loopback.link(host, peer)
    link.open()
    for _ in range(20):
        peer.transport.write(memoryview(chance.randbytes(700)))
        link.transport.write(memoryview(chance.randbytes(700)))
        assert soak(link, 5).ok


# ---------------------------------------------------------------- words and credits
def test_words_cut_short_are_not_sent(loopback: Loopback) -> None:
    link, _ = loopback.connected("in-process")
    with pytest.raises(BadInput, match="8 bytes for the channel registers: its words have 7 bytes"):
        link.send(Channel.REGISTERS, bytes(8))
    with pytest.raises(BadInput, match="247 bytes for the channel memories: a request has at most 246"):
        link.send(Channel.MEMORIES, bytes(247))
    with pytest.raises(BadInput, match="channel 0: those of users are 1 … 15"):
        link.send(0, b"")
    with pytest.raises(BadInput, match="words of 0 and 1 bytes"):
        link.words(Channel.EVENTS, send=0)


def test_words_wait_for_credit_and_hold_up_no_other_channel(loopback: Loopback) -> None:
    link, peer = loopback.connected("in-process")
    link.words(Channel.EVENTS, send=3, receive=3, room=100)
    peer.words(Channel.EVENTS, send=3, receive=3, room=100)
    sent = bytes(range(240)) * 2
    with pytest.raises(LinkError, match="grants no more words on the channel events"):
        link.send(Channel.EVENTS, sent, timeout=1.0)
    assert link.credit(Channel.EVENTS) == 0
    assert soak(link, 20).ok
    received = b""
    while len(received) < len(sent):  # what waited goes on by itself
        received += peer.receive(Channel.EVENTS) or b""
        link.poll(0.01)
    assert received == sent
    assert (link.statistics.refused, peer.statistics.refused) == (0, 0)


def test_words_beyond_the_credit_are_refused_and_counted(loopback: Loopback) -> None:
    host, board = loopback.ends("in-process")
    peer = Greedy(board, clock=loopback.time)
    link = loopback.link(host, peer)
    link.open()
    link.words(Channel.PROBES, receive=2, room=10)
    link.poll(0.1)
    link.poll(0.1)
    assert peer.credit(Channel.PROBES) == 10
    peer.take_one_more(Channel.PROBES)
    peer.words(Channel.PROBES, send=2)
    peer.send(Channel.PROBES, bytes(22))
    link.poll(0.1)
    assert (link.receive(Channel.PROBES), link.statistics.refused) == (None, 1)


class Greedy(Peer):
    """It sends more than was granted."""

    def take_one_more(self, channel: int) -> None:
        self._credit[channel] += 1

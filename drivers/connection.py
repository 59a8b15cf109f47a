"""Channels with credits over an endpoint (rule 4 of `docs/link.md`): what both ends of a link share."""

from __future__ import annotations

import struct
from collections import Counter, deque
from collections.abc import Callable

from spikelock.models.errors import BadInput, LinkError
from spikelock.models.link.protocol import LONGEST_PACKET, Channel

from .awake_time import LONGEST_STEP, AwakeTime
from .endpoint import Endpoint
from .statistics import Statistics
from .transports.transport import Transport

CHANNELS = 16
CREDIT = struct.Struct("<BBH")
"""A packet that grants: CREDIT, channel, more."""

MOST_GRANTED = 0xFFFF
LONGEST_WORDS = LONGEST_PACKET - 1
"""Bytes of a packet behind its channel."""

MOST_WAITING = 1024
"""Packets of a channel without credits that wait here to be received; with more the peer has to wait."""

SEND_TIMEOUT = 10.0
"""Seconds to wait, where nobody says otherwise, for a peer that answers, but takes nothing."""

Bytes = bytes | bytearray | memoryview


class Connection:
    """One end of a link: its channels, and the loop that runs it all. `Link` is a host's, `Peer` a board's.

    send_on_credit, receive_on_credit: the channels on which the other end, or this one, grants words. All
    timeouts are in seconds of `clock`.
    """

    def __init__(
        self,
        transport: Transport,
        send_on_credit: tuple[int, ...],
        receive_on_credit: tuple[int, ...],
        window: int,
        clock: Callable[[], float],
    ) -> None:
        self.transport = transport
        self.clock = AwakeTime(clock)
        self._endpoint = Endpoint(transport, window, self.clock, self._deliver, self._about_session)
        self._send_on_credit = frozenset(send_on_credit)
        self._receive_on_credit = frozenset(receive_on_credit)
        self._send_bytes = [1] * CHANNELS
        self._receive_bytes = [1] * CHANNELS
        self._held = [0] * CHANNELS  # words that this end holds at most, of channels on which it grants
        self._waiting: list[deque[bytes]] = [deque() for _ in range(CHANNELS)]
        self._backlog: list[deque[memoryview]] = [deque() for _ in range(CHANNELS)]  # words yet to be queued
        self._begin_channels()

    # ------------------------------------------------------------ what users call
    @property
    def statistics(self) -> Statistics:
        """Counts since this end was made."""
        return self._endpoint.statistics

    @property
    def window(self) -> int:
        """Packets sent and not yet acknowledged, at most. Raises BadInput for a number that cannot be."""
        return self._endpoint.window

    @window.setter
    def window(self, packets: int) -> None:
        self._endpoint.window = packets

    @property
    def session(self) -> int:
        """Number of the session; 0 where there is none."""
        return self._endpoint.session

    def words(self, channel: int, send: int = 1, receive: int = 1, room: int = 4096) -> None:
        """Says how many bytes a word of a channel has, each way; one, before this is said.

        Where this end grants credits it now grants `room` words, and more as they are received.
        """
        if not 1 <= send <= LONGEST_WORDS or not 1 <= receive <= LONGEST_WORDS:
            raise BadInput(f"words of {send} and {receive} bytes: 1 … {LONGEST_WORDS} fit a packet")
        self._send_bytes[channel], self._receive_bytes[channel] = send, receive
        if channel in self._receive_on_credit and room > self._held[channel]:
            self._ungranted[channel] += room - self._held[channel]
            self._held[channel] = room

    def send(self, channel: int, words: Bytes, timeout: float = SEND_TIMEOUT) -> None:
        """Hands over whole words, in as many packets as they need; waits for credits and for the window.

        On MEMORIES it is always one packet, of at most 246 bytes. Raises BadInput for words cut short,
        LinkError where the peer takes nothing for `timeout` seconds, and what `poll` raises. The last three
        leave the words, unchanged by their owner, to be sent by later calls: they are not to be sent again.
        """
        self._check_words(channel, len(words))
        backlog = self._backlog[channel]
        if len(words):
            backlog.append(memoryview(words))
        give_up = self.clock() + timeout
        while backlog:
            if self._send_backlog(channel):
                give_up = self.clock() + timeout
            else:
                self._advance(give_up, channel)
        self._step()

    def receive(self, channel: int, timeout: float = 0.0) -> bytes | None:
        """The words of the next packet of a channel; None where none comes within `timeout` seconds.

        Raises what `poll` raises, if it has to wait.
        """
        if not self._waiting[channel] and not self._await(channel, timeout):
            return None
        words = self._waiting[channel].popleft()
        if channel in self._receive_on_credit:
            self._ungranted[channel] += len(words) // self._receive_bytes[channel]
        else:
            self._endpoint.room_again()
        return words

    def poll(self, timeout: float = 0.0) -> bool:
        """Reads what has come, writes what is due, for at most `timeout` seconds or until something comes.

        Returns whether anything came. It has to be called often: nothing happens between calls. Raises
        LineLost and SessionLost.
        """
        give_up = self.clock() + timeout
        while not self._step():
            left = give_up - self.clock()
            if left <= 0:
                return False
            self._endpoint.wait(min(left, self._due_within()))
        return True

    def flush(self, timeout: float = SEND_TIMEOUT) -> None:
        """Waits until all that was sent is acknowledged. Raises as `send` does."""
        give_up = self.clock() + timeout
        while self._endpoint.outstanding or any(self._backlog):
            self._advance(give_up, None)

    def credit(self, channel: int) -> int:
        """Words that may be sent now on a channel that needs credit."""
        return self._credit[channel]

    def close(self) -> None:
        """Gives the line back. May be called again."""
        self.transport.close()

    # ------------------------------------------------------------ what differs between host and board
    def _about_session(self, kind: int, session: int, number: int) -> None:
        """Takes a frame that is not of this session, or that opens one."""
        raise NotImplementedError

    def _due_within(self) -> float:
        """Seconds until this end has to do something, though nothing comes."""
        return LONGEST_STEP / 2

    def _step(self) -> bool:
        """Does what can be done without waiting; returns whether anything came."""
        came = self._endpoint.receive()
        self._react()
        self._endpoint.transmit()
        return came

    def _react(self) -> None:
        """Queues what follows from what has come."""
        self._grant()
        for channel, backlog in enumerate(self._backlog):
            if backlog:
                self._send_backlog(channel)

    # ------------------------------------------------------------ channels
    def _begin_channels(self) -> None:
        """Of a session that begins: no credits, nothing waiting."""
        self._credit = [0] * CHANNELS
        self._ungranted = list(self._held)
        self._granted = [0] * CHANNELS  # and not yet used by the peer
        for waiting, backlog in zip(self._waiting, self._backlog, strict=True):
            waiting.clear()
            backlog.clear()

    def _deliver(self, packet: bytes) -> bool:
        channel, size = packet[0], len(packet) - 1
        if channel == Channel.CREDIT and size % 3 == 0:
            for at in range(1, size, 3):
                if packet[at] < CHANNELS:
                    self._credit[packet[at]] += packet[at + 1] | packet[at + 2] << 8
            return True
        words, cut = divmod(size, self._receive_bytes[channel]) if 0 < channel < CHANNELS else (0, 1)
        on_credit = channel in self._receive_on_credit
        if cut or not words or (on_credit and words > self._granted[channel]):
            self.statistics.refused += 1
            return True
        if on_credit:
            self._granted[channel] -= words
        elif len(self._waiting[channel]) >= MOST_WAITING:
            return False
        self._waiting[channel].append(packet[1:])
        return True

    def _grant(self) -> None:
        """Grants words where half of what is held at most has been received."""
        for channel in self._receive_on_credit:
            more = min(self._ungranted[channel], MOST_GRANTED)
            if more and 2 * more >= self._held[channel] and self.session and self._endpoint.room:
                self._endpoint.queue(CREDIT.pack(Channel.CREDIT, channel, more))
                self._ungranted[channel] -= more
                self._granted[channel] += more

    def _send_backlog(self, channel: int) -> bool:
        """Queues as many of the words that wait as may be sent now; returns whether there were any."""
        backlog = self._backlog[channel]
        queued = False
        while backlog and (count := self._sendable(channel, len(backlog[0]))):
            self._endpoint.queue(bytes((channel,)) + backlog[0][:count])
            if count < len(backlog[0]):
                backlog[0] = backlog[0][count:]
            else:
                backlog.popleft()
            queued = True
        return queued

    def _sendable(self, channel: int, wanted: int) -> int:
        """Bytes of whole words that may be sent in one packet now; takes the credit for them."""
        if not self._endpoint.room or not self.session:
            return 0
        size = self._send_bytes[channel]
        words = min(wanted, LONGEST_WORDS) // size
        if channel in self._send_on_credit:
            words = min(words, self._credit[channel])
            self._credit[channel] -= words
        return words * size

    def _check_words(self, channel: int, size: int) -> None:
        if not 0 < channel < CHANNELS:
            raise BadInput(f"channel {channel}: those of users are 1 … {CHANNELS - 1}")
        if size % self._send_bytes[channel]:
            raise BadInput(
                f"{size} bytes for the channel {name_of(channel)}: its words have "
                f"{self._send_bytes[channel]} bytes, and only whole ones can be sent"
            )
        if channel == Channel.MEMORIES and size > LONGEST_WORDS:
            raise BadInput(f"{size} bytes for the channel memories: a request has at most {LONGEST_WORDS}")

    # ------------------------------------------------------------ waiting
    def _await(self, channel: int, timeout: float) -> bool:
        if timeout <= 0:
            return False
        give_up = self.clock() + timeout
        while not self._waiting[channel]:
            left = give_up - self.clock()
            self.poll(max(0.0, left))
            if left <= 0:  # and this was a last look
                break
        return bool(self._waiting[channel])

    def _advance(self, give_up: float, channel: int | None) -> None:
        """Lets something happen; raises LinkError once it is late."""
        if not self.session:
            raise LinkError(f"{self.transport.name}: there is no session; open the link")
        left = give_up - self.clock()
        if left <= 0:
            raise LinkError(f"{self.transport.name}: the peer answers, but {self._stuck(channel)}")
        self.poll(min(left, 0.1))

    def _stuck(self, channel: int | None) -> str:
        if channel is not None and self._endpoint.room:
            return f"grants no more words on the channel {name_of(channel)}; is what takes them running?"
        return f"does not acknowledge {self.unacknowledged()}"

    def unacknowledged(self) -> str:
        """What was sent and not acknowledged, in words."""
        counts = Counter(self._endpoint.outstanding_channels())
        waiting = sum(len(words) for backlog in self._backlog for words in backlog)
        rest = f", and {waiting} bytes that wait to be sent" if waiting else ""
        if not counts:
            return "nothing that was sent" + rest
        each = ", ".join(f"{name_of(channel)} {count}" for channel, count in sorted(counts.items()))
        return f"{counts.total()} packets that were sent ({each}){rest}"


def name_of(channel: int) -> str:
    """A channel's name, in lower case; its number where it has none."""
    return Channel(channel).name.lower() if channel in list(Channel) else str(channel)

"""One end of a link (rules 3.4 to 3.8 of `docs/link.md`): each packet once and in order, both ways.

How a session begins is the matter of who makes the endpoint: a host's `Link`, or a board's `Peer`.
"""

from __future__ import annotations

from collections.abc import Callable

from spikelock.models.errors import BadInput
from spikelock.models.link.protocol import LONGEST_BODY, SHORTEST_BODY, Kind

from .frames import DELIMITER, LONGEST_FRAME, FrameReader, encode
from .statistics import Statistics
from .transports.transport import Transport

LARGEST_WINDOW = 64
NUMBERS = 256
BEHIND = 128
"""Numbers from here on count as those of packets that came before."""

FILLS = 16
"""Times that the line is read at once, at most: it may never end."""

ACKNOWLEDGE_EVERY = 16
"""Packets after which they are acknowledged, though more are on the way."""


class Timeout:
    """How long to wait for an acknowledgement: RFC 6298, section 2, from 20 ms to 1 s."""

    SHORTEST, LONGEST = 0.02, 1.0

    def __init__(self) -> None:
        self.value = 0.2
        self._smoothed = 0.0
        self._variation = 0.0

    def measured(self, round_trip: float) -> None:
        """Takes a round trip into account: SRTT += (R - SRTT)/8, RTTVAR += (|R - SRTT| - RTTVAR)/4."""
        if self._smoothed == 0.0:
            self._smoothed, self._variation = round_trip, round_trip / 2
        else:
            self._variation += (abs(round_trip - self._smoothed) - self._variation) / 4
            self._smoothed += (round_trip - self._smoothed) / 8
        self.value = min(self.LONGEST, max(self.SHORTEST, self._smoothed + 4 * self._variation))

    def back_off(self) -> None:
        """Twice as long, as nothing came."""
        self.value = min(self.LONGEST, 2 * self.value)


class Endpoint:
    """Numbers, window, acknowledgement and replay.

    deliver: takes a packet, or returns False where there is no room for it. about_session: takes kind,
    session and number of every frame that is not of this session, or that opens one.
    """

    def __init__(
        self,
        transport: Transport,
        window: int,
        clock: Callable[[], float],
        deliver: Callable[[bytes], bool],
        about_session: Callable[[int, int, int], None],
    ) -> None:
        self.transport = transport
        self.window = window
        self.clock = clock
        self.statistics = Statistics()
        self.timeout = Timeout()
        self.session = 0
        self.heard_at = clock()
        self._deliver = deliver
        self._about_session = about_session
        self._reader = FrameReader(transport, self.statistics)
        self._frame_time = LONGEST_FRAME / (transport.bytes_per_second or float("inf"))
        self._frames = [b""] * LARGEST_WINDOW
        self._channels = bytearray(LARGEST_WINDOW)
        self._sent_at = [0.0] * LARGEST_WINDOW
        self._out = memoryview(bytearray(transport.longest_write))
        self._out_start = self._out_end = 0
        self._control = bytearray()
        self.begin(0)

    # ------------------------------------------------------------ a session
    def begin(self, session: int) -> None:
        """Takes a session and forgets all packets. Numbers count on here; a frame has their low byte."""
        self.session = session
        self._first = self._cursor = self._reached = self._end = 0  # unacknowledged … to send … sent … queued
        self._expected = self._taken = 0  # the latter since the last acknowledgement
        self._acknowledge = self._repeat = self._repeat_sent = self._refused = False
        self._progress_at = self._looked_at = self.clock()

    def line_reopened(self) -> None:
        """Forgets what stood on the line, and sends again whatever is not acknowledged."""
        self._reader.forget()
        self._out_start = self._out_end = 0
        self._control.clear()
        self._replay()

    # ------------------------------------------------------------ packets
    @property
    def window(self) -> int:
        """Packets sent and not yet acknowledged, at most. Raises BadInput for a number that cannot be."""
        return self._window

    @window.setter
    def window(self, packets: int) -> None:
        if not 1 <= packets <= LARGEST_WINDOW or packets & (packets - 1):
            raise BadInput(f"window = {packets}: a power of two up to {LARGEST_WINDOW} is needed")
        self._window = packets
        self._allowed = float(packets)  # half after each replay, as a board may have less room; then more

    @property
    def outstanding(self) -> int:
        """Packets queued and not yet acknowledged."""
        return self._end - self._first

    @property
    def room(self) -> int:
        """Packets that may be queued now."""
        return max(0, self._window - self.outstanding)

    def outstanding_channels(self) -> list[int]:
        """The channel of each of them."""
        return [self._channels[number % LARGEST_WINDOW] for number in range(self._first, self._end)]

    def queue(self, packet: bytes) -> None:
        """Takes a packet to send; there has to be room."""
        body = bytes((Kind.DATA, self.session, self._end % NUMBERS)) + packet
        self._frames[self._end % LARGEST_WINDOW] = encode(body)
        self._channels[self._end % LARGEST_WINDOW] = packet[0]
        self._end += 1
        self.statistics.packets_sent += 1

    def control(self, kind: Kind, session: int, number: int) -> None:
        """Sends a frame about sessions, ahead of all packets. A zero before it ends what stood there."""
        if len(self._control) < 4 * LONGEST_FRAME:  # the line takes nothing; it need not be told more often
            self._control += DELIMITER + encode(bytes((kind, session, number)))
            self.statistics.frames_sent += 1

    def room_again(self) -> None:
        """Asks for what was refused, now that there is room."""
        if self._refused:
            self._refused = False
            self._repeat = True

    # ------------------------------------------------------------ the line
    def receive(self) -> bool:
        """Takes what has come; returns whether anything did. What is due then, `transmit` sends."""
        came = False
        self._looked_at = self.clock()
        for _ in range(FILLS):
            if not self._reader.fill():
                break
            came = True
            while (body := self._reader.next()) is not None:
                self._take(body)
            if self._taken >= ACKNOWLEDGE_EVERY:
                self.transmit()
        return came

    def wait(self, timeout: float) -> None:
        """Until the line brings something, or something is due, or the timeout."""
        blocked = self._out_end > self._out_start
        if self._reached > self._first and not blocked:  # nothing is sent again before the line takes that
            timeout = min(timeout, self._replay_at() - self.clock())
        self.transport.wait(max(0.0, timeout), to_write=blocked)

    def transmit(self) -> None:
        """Writes what is due, as far as the line takes it."""
        now = self.clock()
        # An acknowledgement may have come since the line was looked at.
        if self._reached > self._first and self._out_end == 0 and self._looked_at >= self._replay_at():
            self.timeout.back_off()
            self._replay()
        while True:
            self._fill(now)
            if self._out_end == 0:
                return
            written = self.transport.write(self._out[self._out_start : self._out_end])
            self.statistics.bytes_sent += written
            self._out_start += written
            if self._out_start < self._out_end:
                return
            self._out_start = self._out_end = 0

    # ------------------------------------------------------------ receiving
    def _take(self, body: bytes) -> None:
        kind, session, number = body[0], body[1], body[2]
        if kind >= Kind.OPEN or session != self.session or session == 0:
            if len(body) == SHORTEST_BODY or kind == Kind.DATA:
                self._about_session(kind, session, number)
            return
        self.heard_at = self.clock()
        if kind == Kind.DATA:
            if SHORTEST_BODY < len(body) <= LONGEST_BODY:
                self._take_packet(number, body)
        elif len(body) == SHORTEST_BODY:
            self._take_acknowledgement(number)
            if kind == Kind.REPEAT:
                self.statistics.repeats += 1
                self._replay()

    def _take_packet(self, number: int, body: bytes) -> None:
        ahead = (number - self._expected) % NUMBERS
        if ahead >= BEHIND:
            self._acknowledge = True
        elif ahead == 0 and self._deliver(body[SHORTEST_BODY:]):
            self.statistics.packets_received += 1
            self._expected = (self._expected + 1) % NUMBERS
            self._taken += 1
            self._acknowledge = True
            self._repeat = self._repeat_sent = self._refused = False
        else:
            self._refused = self._refused or ahead == 0
            self._repeat = self._repeat or not self._repeat_sent

    def _take_acknowledgement(self, number: int) -> None:
        count = (number - self._first) % NUMBERS
        if not 0 < count <= self._reached - self._first:
            return
        self._first += count
        self._allowed = min(self._window, self._allowed + count / self._allowed)
        self._cursor = max(self._cursor, self._first)
        self._progress_at = self.clock()
        sent_at = self._sent_at[(self._first - 1) % LARGEST_WINDOW]
        if sent_at:
            self.timeout.measured(self._progress_at - sent_at)
            self.statistics.round_trips.add(self._progress_at - sent_at)

    # ------------------------------------------------------------ sending
    def _replay(self) -> None:
        """Begins to send all again that was sent and is not acknowledged."""
        if self._reached > self._first:
            self.statistics.replays += 1
            self._cursor = self._first
            self._allowed = max(1.0, self._allowed / 2)
        self._progress_at = self.clock()

    def _replay_at(self) -> float:
        """When to, if nothing is acknowledged until then; what waits on a slow line takes its time."""
        return self._progress_at + self.timeout.value + (self._reached - self._first) * self._frame_time

    def _fill(self, now: float) -> None:
        """Puts frames into the buffer that goes to the line, whole ones, while there is room."""
        if self._control and self._put(self._control):
            self._control.clear()
        if self._repeat or self._acknowledge:
            kind = Kind.REPEAT if self._repeat else Kind.ACKNOWLEDGE
            if self._put(encode(bytes((kind, self.session, self._expected)))):
                self.statistics.frames_sent += 1
                self._repeat_sent = self._repeat_sent or self._repeat
                self._repeat = self._acknowledge = False
                self._taken = 0
        most = self._first + int(self._allowed)
        while self._cursor < min(self._end, most) and self._put(self._frames[self._cursor % LARGEST_WINDOW]):
            self.statistics.frames_sent += 1
            if self._cursor < self._reached:
                self.statistics.frames_replayed += 1
                # which of the two is acknowledged, nobody knows
                self._sent_at[self._cursor % LARGEST_WINDOW] = 0.0
            else:
                if self._reached == self._first:
                    self._progress_at = now
                self._sent_at[self._cursor % LARGEST_WINDOW] = now
                self._reached += 1
            self._cursor += 1

    def _put(self, frame: bytes | bytearray) -> bool:
        end = self._out_end + len(frame)
        if end > len(self._out):
            return False
        self._out[self._out_end : end] = frame
        self._out_end = end
        return True

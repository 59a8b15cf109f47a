"""The host's end of a link to a board (`docs/link.md`): sessions, and what to say when one is lost.

    with connect("serial:/dev/ttyUSB1?baud=3000000") as link:
        link.send(Channel.ECHO, b"hello")
        answer = link.receive(Channel.ECHO, timeout=1.0)

One loop, no threads: things happen while `send`, `receive`, `poll` and `flush` run, and only then.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from types import TracebackType

from spikelock.models.errors import LineLost, LinkError, SessionLost
from spikelock.models.link.protocol import CREDITS_TO_BOARD, CREDITS_TO_HOST, VERSION, Channel, Kind

from .connection import Connection
from .transports.transport import Transport
from .transports.url import Scheme, open_transport

PATIENCE = 3.0
"""Seconds that a board may be silent. Of a port that was unplugged the operating system tells at once."""

KEEP_ALIVE = 0.25
"""Seconds of silence after which the board is asked whether it is there."""

ASK_EVERY = 0.1
USUAL_WINDOW = 4
"""Of a board whose capability record was not read yet; `Board` reads it, and takes the board's own."""

REGISTER_BYTES = (7, 5)
"""Of a request and of a reply."""


class Link(Connection):
    """A host's end. `open` begins a session; when the line was lost, `resume` goes on with it."""

    def __init__(
        self,
        transport: Transport,
        window: int = USUAL_WINDOW,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
    ) -> None:
        """window: packets under way to the board; best its own: what is more waits on the line, where the
        acknowledgements that the board waits for stand behind it, and finds no room at the end of it.
        chance: what chooses the numbers of sessions. Raises MissingTool where a package is missing.
        """
        super().__init__(transport, CREDITS_TO_BOARD, CREDITS_TO_HOST, window, clock)
        self._patience = patience
        self._chance = chance or random.SystemRandom()
        self._answer: int | None = None
        self._other_version: int | None = None
        self._asked_at = self._unanswered_since = self._foreign_at = float("-inf")
        self._taken_by: int | None = None
        self._lost = False
        self.words(Channel.REGISTERS, *REGISTER_BYTES)

    # ------------------------------------------------------------ sessions
    def open(self, timeout: float = PATIENCE) -> None:
        """Begins a session, and forgets one that there was.

        Raises LineLost where the line is gone or nobody answers, LinkError where it is by other rules.
        """
        before = self.session
        self._begin(0)
        give_up = self.clock() + timeout
        if self._lost:
            self._reopen(give_up)
        board = self._ask_for_session(give_up)
        session = self._chance.choice([n for n in range(1, 256) if n not in (before, board)])
        if board is not None:  # else it might be in just that session, and would go on with it
            self._begin(session)
            self._until(
                lambda: self._answer == session,
                lambda: self._endpoint.control(Kind.OPEN, session, VERSION),
                give_up,
            )
        if self._answer != session:
            self._begin(0)
            raise LineLost(
                f"{self.transport.name}: nobody answers within {timeout:g} s; is the board configured, and "
                "are its clock and baud rate those of its description?"
            )

    def resume(self, timeout: float = PATIENCE) -> None:
        """Opens a lost line again and goes on with the session: nothing is lost.

        Raises SessionLost, which says what was lost, where the board has another session by now; then `open`
        begins anew. Raises LineLost while the line is not there, or nobody answers.
        """
        if not self.session:
            raise LinkError(f"{self.transport.name}: there is no session to resume; open the link")
        give_up = self.clock() + timeout
        self._reopen(give_up)
        self._taken_by = None
        board = self._ask_for_session(give_up)
        if board is None:
            raise LineLost(f"{self.transport.name} is there again, but nobody answers within {timeout:g} s")
        if board != self.session:
            self._raise_session_lost(board)

    def __enter__(self) -> Link:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ one step
    def _step(self) -> bool:
        if not self.session:
            raise LinkError(f"{self.transport.name}: there is no session; open the link")
        try:
            came = super()._step()
            self._watch()
        except LineLost as error:
            self._lost = True
            raise LineLost(f"{error}. Not acknowledged: {self.unacknowledged()}") from error
        return came

    def _due_within(self) -> float:
        return KEEP_ALIVE / 2

    def _watch(self) -> None:
        """Asks a board that is silent whether it is there; raises where it is not, or not ours."""
        if self._taken_by is not None:
            self._raise_session_lost(self._taken_by)
        now, heard_at = self.clock(), self._endpoint.heard_at
        if now - max(heard_at, self._asked_at) > KEEP_ALIVE:
            self._ask()
            self._endpoint.transmit()
        if self._asked_at > heard_at and now - self._unanswered_since > self._patience:
            raise LineLost(
                f"{self.transport.name}: the board has been silent for {now - heard_at:.1f} s; is it powered "
                "and connected? Resume the link when it is"
            )

    def _about_session(self, kind: int, session: int, number: int) -> None:
        if kind != Kind.OPENED:
            self.statistics.foreign += 1
        elif number != VERSION:
            self._other_version = number
        else:
            self._answer = session
            now = self.clock()
            if session == self.session:
                self._endpoint.heard_at = now
                self._taken_by = None
            elif (
                self._foreign_at <= self._endpoint.heard_at
            ):  # an old answer, perhaps, that was long on its way
                self._foreign_at = now
                self._ask()
            elif now - self._foreign_at > self._endpoint.timeout.value:
                self._taken_by = session

    def _ask(self) -> None:
        now = self.clock()
        if self._asked_at <= self._endpoint.heard_at:
            self._unanswered_since = now
        self._asked_at = now
        self._endpoint.control(Kind.ACKNOWLEDGE, 0, 0)

    # ------------------------------------------------------------ parts of opening and resuming
    def _begin(self, session: int) -> None:
        self._endpoint.begin(session)
        self._begin_channels()
        self._answer = self._taken_by = self._other_version = None

    def _ask_for_session(self, give_up: float) -> int | None:
        """The session that the board is in; None where it does not answer."""
        self._answer = None
        self._until(lambda: self._answer is not None, self._ask, give_up)
        return self._answer

    def _until(self, done: Callable[[], bool], say: Callable[[], None], give_up: float) -> bool:
        """Says something again and again until something is done; returns whether it is."""
        say_at = self.clock()
        while not done():
            now = self.clock()
            if now >= give_up:
                return False
            if now >= say_at:
                say()
                say_at = now + ASK_EVERY
            try:
                came = self._endpoint.receive()
                self._endpoint.transmit()
                if not came:
                    self._endpoint.wait(min(say_at, give_up) - self.clock())
            except LineLost:
                self._lost = True
                raise
            if self._other_version is not None:
                raise LinkError(
                    f"{self.transport.name}: the board keeps version {self._other_version} of the link's "
                    f"rules, this spikelock version {VERSION}; build the board's top with this spikelock"
                )
        return True

    def _reopen(self, give_up: float) -> None:
        while True:
            try:
                self.transport.reopen()
                self._endpoint.line_reopened()
                self._lost = False
                return
            except LineLost:
                if self.clock() >= give_up:
                    raise
                time.sleep(ASK_EVERY / 2)

    def _raise_session_lost(self, board: int) -> None:
        lost = self.unacknowledged()
        self._begin(0)
        raise SessionLost(
            f"{self.transport.name}: the board "
            + (f"is in session {board}, which another host began" if board else "was restarted")
            + f". Not acknowledged, so perhaps lost: {lost}; lost: what the board had not sent yet. "
            "Open the link to begin anew"
        )


def connect(url: str, more: Mapping[str, Scheme] | None = None, timeout: float = PATIENCE) -> Link:
    """A link over the line that a URL names, with a session. Raises as `open_transport` and `open` do."""
    link = Link(open_transport(url, more))
    try:
        link.open(timeout)
    except BaseException:
        link.close()
        raise
    return link

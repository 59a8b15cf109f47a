"""Proofs of `link.endpoint`, and the broken cores that they catch."""

from __future__ import annotations

from spikelock.models.link.endpoint import Params

from ..proof import Proof
from .endpoint_mutants import (
    ACKNOWLEDGED_UNDELIVERED,
    ANSWERS_WAIT,
    ASKED_TWICE,
    DELIVERIES_SURVIVE,
    DUPLICATE_UNANSWERED,
    ENDPOINT,
    NEVER_AGAIN,
    NUMBER_NOT_CHECKED,
    OLD_UNDER_NEW_SESSION,
    OPENED_TWICE,
    PACKETS_SURVIVE,
    PACKETS_WAIT,
    REPLAY_OFF_BY_ONE,
    SESSION_IGNORED,
    SLOT_REFILLED,
    STALE_ACKNOWLEDGEMENT,
    WINDOW_TOO_LARGE,
)
from .endpoint_receiving import asking, receiving
from .endpoint_sending import sending
from .endpoint_session import progress, session

SMALL = Params(width=3, longest=1, window=2, number_bits=2, timeout=3)

SIZES = "for packets of one beat of 3 bits, a window of 2, and as few numbers as that allows, 4"

PROOFS = (
    Proof(
        ENDPOINT,
        "sending",
        "Every packet is kept until it is acknowledged, and sent as it was taken, under its own number, and "
        f"never are more outstanding than the window has: {SIZES}. Assumed: an acknowledgement names what it "
        "acknowledges, when that has been sent whole, and comes late by fewer packets than there are numbers "
        "less the window; and as for sessions.",
        SMALL,
        sending,
        (REPLAY_OFF_BY_ONE, STALE_ACKNOWLEDGEMENT, WINDOW_TOO_LARGE, SLOT_REFILLED, PACKETS_SURVIVE),
        depth=40,
        induction=2,
        bit_level=True,
    ),
    Proof(
        ENDPOINT,
        "receiving",
        "Each packet is delivered once, in order and as it was sent, and only what is kept for delivery is "
        f"acknowledged: {SIZES}. Assumed: a frame of the session is one that was sent, unchanged, and comes "
        "late by no more packets than half the numbers; and as for sessions.",
        SMALL,
        receiving,
        (NUMBER_NOT_CHECKED, ACKNOWLEDGED_UNDELIVERED, SESSION_IGNORED, DELIVERIES_SURVIVE),
        depth=30,
        induction=2,
        bit_level=True,
    ),
    Proof(
        ENDPOINT,
        "asking",
        f"REPEAT is said once, until the packet comes that is asked for: {SIZES}. Assumed: as for sessions.",
        SMALL,
        asking,
        (ASKED_TWICE,),
        depth=24,
        induction=2,
        bit_level=True,
    ),
    Proof(
        ENDPOINT,
        "session",
        "A session begins with an OPEN of another one than before and with no other frame, and then nothing "
        f"of the one before is delivered or sent: {SIZES}. Assumed: no session begins anew, and no two "
        "begin, while one frame leaves.",
        SMALL,
        session,
        (SESSION_IGNORED, OPENED_TWICE, PACKETS_SURVIVE, DELIVERIES_SURVIVE, OLD_UNDER_NEW_SESSION),
        depth=24,
        induction=2,
        bit_level=True,
    ),
    Proof(
        ENDPOINT,
        "progress",
        "The oldest packet that is not acknowledged is sent in time, and again and again; what comes is kept "
        "where there is room, offered at once, and acknowledged in time, whether it is new or not: "
        f"{SIZES}, and a timeout of 3 cycles. Cycles in which a frame is stalled do not count. Assumed: as "
        "for sessions.",
        SMALL,
        progress,
        (NEVER_AGAIN, PACKETS_WAIT, ANSWERS_WAIT, DUPLICATE_UNANSWERED),
        depth=60,
        induction=2,
        bit_level=True,
    ),
)

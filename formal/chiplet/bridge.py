"""Proofs of `chiplet.bridge`, and the broken cores that they catch."""

from __future__ import annotations

from dataclasses import replace

from spikelock.models.chiplet.bridge import Params, Role

from ..proof import Proof
from .bridge_both_ends import both_ends
from .bridge_crossing import gray
from .bridge_mutants import (
    BINARY_POINTERS,
    BRIDGE,
    CREDIT_IGNORED,
    CREDIT_LEAKS,
    CREDIT_TOO_MANY,
    DEAD_UNSEEN,
    DEAF_UNSEEN,
    DOUBLED_ON_STALL,
    DROPPED_ON_FULL,
    NEVER_AGAIN,
    NUMBER_NOT_CHECKED,
    REPLAY_OFF_BY_ONE,
    STALE_CREDIT,
    WINDOW_TOO_LARGE,
)
from .bridge_properties import line_state, receiving, sending

SMALL = Params(
    width=2,
    window=2,
    depth=2,
    number_bits=3,
    timeout=3,
    silence=4,
    training=2,
    scrambled=False,
    protected=False,
)

SIZES = "for words of 2 bits, a window and a depth of 2, and 8 numbers"

PROOFS = (
    Proof(
        BRIDGE,
        "sending",
        "Every word is kept until it is acknowledged, and sent as it was taken, under its own number, with "
        "credit, and never are more outstanding than the window has; after a timeout, here 3 cycles, in "
        "which nothing was acknowledged and nothing could be sent, the oldest is the next to be sent: "
        f"{SIZES}. Assumed of flits that come: they are in the order in which they were sent; what they "
        "acknowledge the other end has, and what they give credit for has room there.",
        SMALL,
        sending,
        (REPLAY_OFF_BY_ONE, CREDIT_IGNORED, WINDOW_TOO_LARGE, NEVER_AGAIN),
        depth=22,
        induction=2,
        bit_level=True,
    ),
    Proof(
        BRIDGE,
        "receiving",
        "Each word is delivered once, in order and as it was sent; what has credit has room; credit is given "
        f"for all the room there is and for no more, and only what is kept is acknowledged: {SIZES}. "
        "Assumed: a word that comes is one that was sent, unchanged, with credit, and not acknowledged when "
        "it was.",
        SMALL,
        receiving,
        (NUMBER_NOT_CHECKED, CREDIT_TOO_MANY, CREDIT_LEAKS, STALE_CREDIT),
        depth=16,
        induction=2,
        bit_level=True,
    ),
    Proof(
        BRIDGE,
        "line",
        "An end is up only when it hears and is heard; it is down from when no good flit has come for "
        "`silence` cycles, or when the other end says that it does not hear, at once; while it is down it "
        "takes no word and sends training: for a silence of 4 cycles and 2 flits of training.",
        SMALL,
        line_state,
        (DEAD_UNSEEN, DEAF_UNSEEN),
        depth=16,
        induction=2,
        bit_level=True,
    ),
    Proof(
        BRIDGE,
        "gray",
        "A pointer that is read at the other clock changes one bit at most at each edge of its own, whatever "
        "the other clock does: for a crossing of 4 places. Resets of the writing side are left out for the "
        "read pointer, which they overwrite.",
        replace(SMALL, role=Role.CROSSING),
        gray,
        (BINARY_POINTERS,),
        depth=12,
        bit_level=True,
    ),
    Proof(
        BRIDGE,
        "both ends",
        "Each word that one end takes the other delivers once, in order and as it was taken, and what comes "
        "has room, for two ends at one clock and lines that delay flits as long as they like, lose any of "
        f"them, and swap none: {SIZES}, but words of 1 bit, and up to three flits on their way in each "
        "direction. A damaged flit is a lost one, by the proof of the framing.",
        replace(SMALL, width=1, role=Role.COUPLED),
        both_ends,
        (NUMBER_NOT_CHECKED, DOUBLED_ON_STALL, DROPPED_ON_FULL, CREDIT_IGNORED, CREDIT_TOO_MANY),
        depth=26,
        bit_level=True,
    ),
)

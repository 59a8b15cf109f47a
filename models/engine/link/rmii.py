"""Engine of `link.rmii`: frames as columns; only what finds room is counted frame by frame."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikelock.models.core import Configuration
from spikelock.models.link.rmii import CORE, Drop, Fault, Params
from spikelock.models.ports import Records


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `link.rmii`.

    Frames leave in the order in which they came: those that are kept and not held, and those that are held,
    if another one begins after them that is not.
    """
    sent = inputs["input"]
    number = np.arange(len(sent))
    after_last = np.concatenate([[True], sent["last"][:-1] == 1])[: len(sent)]
    in_packet = number - np.maximum.accumulate(np.where(after_last, number, 0))
    ends = (sent["last"] == 1) | (in_packet % params.sent_longest == params.sent_longest - 1)
    begins = np.concatenate([[True], ends[:-1]])[: len(sent)]
    frame = np.cumsum(begins) - 1  # of each byte
    whole = int(ends.sum())

    held = sent["held"][begins] == 1
    lengths = np.bincount(frame)[:whole]
    hurts = np.isin(sent["fault"], [Fault.ERROR, Fault.CUT])
    damaged = np.bincount(frame, weights=hurts)[:whole] > 0
    too_long = lengths > params.longest
    unseen = np.isin(sent["fault"][begins], [Fault.SPOILT, Fault.LOST, Fault.CUT])[:whole]
    wants_room = ~damaged & ~too_long & ~unseen
    no_room = np.zeros(whole, np.bool_)
    no_room[_without_room(params, lengths, held[:whole], wants_room)] = True

    kept = wants_room & ~no_room
    last_freeing = np.flatnonzero(~held).max(initial=-1)
    leaves = kept & (~held[:whole] | (np.arange(whole) < last_freeing))
    of_bytes = np.append(leaves, False)[frame]  # the frame after the last whole one has not ended
    outputs = CORE.outputs(params)
    reasons = np.select([damaged, too_long], [Drop.DAMAGED, Drop.TOO_LONG], Drop.NO_ROOM)
    reasons = reasons[~kept & ~unseen]
    return {
        "output": outputs["output"].records(sent["data"][of_bytes], ends[of_bytes]),
        "dropped": outputs["dropped"].records(reasons.astype(np.int64)),
    }


def _without_room(params: Params, lengths: Records, held: Records, wants_room: Records) -> list[int]:
    """Held frames that find no room: the first of those that wait has given a byte to the output."""
    capacity = 1 << (2 * params.longest - 1).bit_length()
    lost: list[int] = []
    waiting = 0
    for number, length in enumerate(lengths.tolist()):
        if not held[number]:
            waiting = 0
        elif wants_room[number]:
            if waiting + length > capacity + (waiting > 0):
                lost.append(number)
            else:
                waiting += length
    return lost

"""Vectorised framing: all beats of a run as one array of bits; flits are found by where frames begin."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spikelock.models.chiplet.framing import Drop, Params, outputs
from spikelock.models.core import Configuration
from spikelock.models.ports import Records

from . import scrambler, secded

Bits = NDArray[np.uint8]
"""Shape (beats, lanes) or (flits, bits), lowest bit first."""

POLYNOMIAL = 0xEDB88320


def _bits(values: NDArray[np.generic], width: int) -> Bits:
    places = np.arange(width, dtype=np.uint64)
    return (values.astype(np.uint64)[:, None] >> places & np.uint64(1)).astype(np.uint8)


def _values(bits: Bits) -> NDArray[np.uint64]:
    places = np.arange(bits.shape[1], dtype=np.uint64)
    values: NDArray[np.uint64] = np.bitwise_or.reduce(bits.astype(np.uint64) << places, axis=1, initial=0)
    return values


def crc32(bodies: Bits) -> Bits:
    """The CRC-32 of each row, bit by bit."""
    register = np.full(len(bodies), 0xFFFFFFFF, np.uint32)
    for bit in bodies.T:
        odd = (register ^ bit) & np.uint32(1)
        register = (register >> np.uint32(1)) ^ odd * np.uint32(POLYNOMIAL)
    return _bits(~register, 32)


def run(params: Params, configuration: Configuration, inputs: Mapping[str, Records]) -> dict[str, Records]:
    """The level `engine` of `chiplet.framing`."""
    sent, lanes, beats = inputs["input"], params.lanes, params.beats
    body = np.zeros((len(sent), params.body_beats * lanes), np.uint8)
    body[:, : params.width] = _bits(sent["body"], params.width)
    seed = np.zeros((len(sent), params.seed_beats * lanes), np.uint8)
    line = np.concatenate([seed, body, crc32(body)], axis=1).reshape(-1, lanes)
    if params.scrambled:
        line ^= scrambler.stream(0, line.size).reshape(-1, lanes)

    place = np.tile(np.arange(beats), len(sent))
    fault = np.repeat(sent, beats)
    befallen = (place >= fault["at"]) & (place < fault["at"] + fault["length"])
    frame = (place == 0) ^ (befallen & (fault["frame_flip"] == 1))
    flips = _bits(fault["flips"] * befallen, lanes)
    corrected = beyond = np.zeros(len(line), bool)
    if params.protected:
        check_flips = fault["check_flips"] * befallen
        right, corrected, beyond = secded.corrected(params.code, _values(line), _values(flips), check_flips)
        line = _bits(right, lanes)
    else:
        line = line ^ flips

    starts = np.flatnonzero(frame)
    began = np.maximum.accumulate(np.where(frame, np.arange(len(line)), -beats))
    since = np.arange(len(line)) - began
    if params.scrambled:
        line = scrambler.descrambled(line, since < params.seed_beats)

    length = np.diff(starts, append=len(line))
    last = len(starts) - 1
    cut = (length < beats) & (np.arange(len(starts)) != last)
    come = starts[length >= beats]
    whole = line[come[:, None] + np.arange(params.seed_beats, beats)].reshape(
        len(come), (params.body_beats + params.crc_beats) * lanes
    )
    bodies, crcs = whole[:, : body.shape[1]], whole[:, body.shape[1] :]
    of_flit = come[:, None] + np.arange(beats)
    was_beyond = beyond[of_flit].any(axis=1)
    wrong = (crc32(bodies) != crcs).any(axis=1)
    good = ~wrong & ~was_beyond

    # a flit ends with its last beat, or with the first beat of the one that cuts it short
    ends = np.concatenate([come + beats - 1, starts[1:][cut[:-1]]])
    why = np.where(was_beyond, Drop.UNCORRECTABLE, Drop.WRONG_CRC)
    reasons = np.concatenate([np.where(good, -1, why), np.full(int(cut.sum()), Drop.CUT_SHORT)])
    reasons = reasons[np.argsort(ends, kind="stable")]
    ports = outputs(params)
    columns = {"body": _values(bodies[good][:, : params.width]).astype(ports["output"].dtype["body"])}
    if params.protected:
        columns["corrected"] = np.asarray(corrected[of_flit].any(axis=1))[good].astype(np.int64)
    return {
        "output": ports["output"].records(**columns),
        "dropped": ports["dropped"].records(reasons[reasons >= 0]),
    }

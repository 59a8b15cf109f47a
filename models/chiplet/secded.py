"""One error corrected, two detected: the specification of `chiplet.secded`.

A word of `width` data bits gets `check_bits` more. Bit j of the data has as its *column* the (j + 1)th number
of `check_bits` bits whose weight is odd and at least 3, by weight, then by value; the check bits are the
exclusive or of the columns of the ones. All columns, with those of the check bits themselves, have odd
weight and differ; so two errors never look like one or none: M. Y. Hsiao, "A Class of Optimal Minimum
Odd-weight-column SEC-DED Codes", IBM Journal of Research and Development 14 (1970) 395.

The hardware is an encoder and a decoder. The core is the two joined by a line that changes bits:

    data ──▶ encoder ──▶ data, check ──▶ XOR flips, check_flips ──▶ decoder ──▶ data, corrected, uncorrectable

What comes is put right if one wrong bit explains it; it is uncorrectable, and left as it is, if neither none
nor one does. Three errors or more may be taken for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port

BIT = unsigned(1)


@dataclass(frozen=True)
class Params:
    """width: bits of a word, 1 … 64."""

    width: int = 8

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 64:
            raise BadInput(f"width = {self.width}: a word has 1 … 64 bits")

    @property
    def check_bits(self) -> int:
        """Bits added to each word: the fewest of which there are `width` numbers of odd weight, 3 or more."""
        bits = 3
        while 2 ** (bits - 1) - bits < self.width:
            bits += 1
        return bits


def inputs(params: Params) -> Mapping[str, Port]:
    """Words, and which bits of them and of their check bits the line changes."""
    data, check = unsigned(params.width), unsigned(params.check_bits)
    return {"input": Port({"data": data, "flips": data, "check_flips": check})}


def outputs(params: Params) -> Mapping[str, Port]:
    """Words as they came, put right where that is possible.

    check: the check bits that were sent. corrected: a bit was wrong, perhaps a check bit, and is put right.
    """
    data, check = unsigned(params.width), unsigned(params.check_bits)
    return {"output": Port({"data": data, "check": check, "corrected": BIT, "uncorrectable": BIT})}


def encode(params: Params, data: int) -> int:
    """The check bits of a word."""
    bits = params.check_bits
    heavy = [n for weight in range(3, bits + 1, 2) for n in range(1 << bits) if n.bit_count() == weight]
    check = 0
    for place in range(params.width):
        if data >> place & 1:
            check ^= heavy[place]
    return check


def decode(params: Params, data: int, check: int) -> tuple[int, int, int]:
    """The word that was sent, if at most one bit is wrong; whether one was; whether more were."""
    if encode(params, data) == check:
        return data, 0, 0
    for place in range(params.width):
        if encode(params, data ^ 1 << place) == check:
            return data ^ 1 << place, 1, 0
    if (encode(params, data) ^ check).bit_count() == 1:
        return data, 1, 0
    return data, 0, 1


def reference(
    params: Params, configuration: Configuration, state: None, transaction: tuple[int, int, int]
) -> tuple[None, list[tuple[int, int, int, int]]]:
    """One word there and back."""
    data, flips, check_flips = transaction
    check = encode(params, data)
    came, corrected, uncorrectable = decode(params, data ^ flips, check ^ check_flips)
    return None, [(came, check, corrected, uncorrectable)]


COSTED: Mapping[str, Params] = {"32-bits": Params(32)}
"""Configurations whose cost is reported, besides the default."""

CORE = Core(
    name="chiplet.secded",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: None,
    reference=reference,
    timing=lambda params: Timing(latency=0, interval=1),
)

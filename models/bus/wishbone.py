"""Wishbone register bank: the specification of `bus.wishbone`.

Registers behind a Wishbone B4 bus in standard mode (revision B.4, section 3.2: classic cycles, a handshake of
STB and ACK or ERR), one transfer after the other. ERR answers a transfer where no register is, and a write
to a register that is only read. SEL chooses the bytes of a write.

As streams, `request` is what a master drives while STB is high, and it is accepted in the cycle in which its
`response` passes: that is ACK, or ERR. The master's side of `response` is always ready on a Wishbone bus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port

from .register_space import Answer, RegisterSpace, Words, read, reset_words, write


@dataclass(frozen=True)
class Params(RegisterSpace):
    """registers: (name, declaration) of each, in the order of their addresses.

    read_only: names of those that keep their reset values.
    data_width: 8, 16, 32 or 64.
    address_width: bits of a byte address; what lies above the registers answers ERR.
    """


def inputs(params: Params) -> Mapping[str, Port]:
    """WE, ADR, DAT_O and SEL of the master. ADR is a byte address; its lowest bits are not looked at."""
    fields = {"write": unsigned(1), "address": params.address, "data": params.data}
    return {"request": Port({**fields, "select": unsigned(params.strobes)})}


def outputs(params: Params) -> Mapping[str, Port]:
    """DAT_I of the master, 0 after a write; and whether ERR ends the transfer instead of ACK."""
    return {"response": Port({"data": params.data, "error": unsigned(1)})}


def reference(
    params: Params, configuration: Configuration, words: Words, request: tuple[int, int, int, int]
) -> tuple[Words, list[tuple[int, int]]]:
    """One transfer."""
    writes, address, data, select = request
    if writes:
        answer, words = write(params, words, address, data, select)
        return words, [(0, int(answer is not Answer.DONE))]
    answer, value = read(params, words, address)
    return words, [(value, int(answer is not Answer.DONE))]


CORE = Core(
    name="bus.wishbone",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: reset_words(params),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)

"""AXI4-Lite register bank: the specification of `bus.axi4_lite`.

Registers behind the five channels of AXI4-Lite (Arm IHI 0022), each of them a stream: AW and W make a write,
which B answers; AR makes a read, which R answers. Responses: OKAY; SLVERR for a write to a register that is
only read; DECERR where no register is. `written` tells the hardware of every write that was done, and what
the register then holds, before B tells the host.

Writes are done in the order in which they come, reads too. Which comes first of a read and a write that wait
at the same time is not specified, as in AXI itself: a host that wants to read what it wrote waits for B. The
reference knows of no waiting, and so refuses streams that both read a register and write to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import BadInput
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port, index_bits

from .register_space import Answer, RegisterSpace, Words, read, reset_words, write


@dataclass(frozen=True)
class Params(RegisterSpace):
    """registers: (name, declaration) of each, in the order of their addresses.

    read_only: names of those that keep their reset values.
    data_width: 32 or 64, as AXI4-Lite has it.
    address_width: bits of a byte address; what lies above the registers answers DECERR.
    """

    WIDTHS: ClassVar[tuple[int, ...]] = (32, 64)


def inputs(params: Params) -> Mapping[str, Port]:
    """The channels from the host. A protection type is not used, and so is not there."""
    return {
        "aw": Port({"address": params.address}),
        "w": Port({"data": params.data, "strobe": unsigned(params.strobes)}),
        "ar": Port({"address": params.address}),
    }


def outputs(params: Params) -> Mapping[str, Port]:
    """The channels to the host, and the writes that were done: number of the register, and its word."""
    number = unsigned(index_bits(len(params.registers)))
    return {
        "b": Port({"response": unsigned(2)}),
        "r": Port({"data": params.data, "response": unsigned(2)}),
        "written": Port({"register": number, "data": params.data}),
    }


@dataclass(frozen=True)
class State:
    """The registers, and the numbers of those that were written and of those that were read."""

    words: Words
    written: frozenset[int] = frozenset()
    read: frozenset[int] = frozenset()


def reference(
    params: Params,
    configuration: Configuration,
    state: State,
    aw: tuple[int] | None,
    w: tuple[int, int] | None,
    ar: tuple[int] | None,
) -> tuple[State, list[tuple[int]], list[tuple[int, int]], list[tuple[int, int]]]:
    """A write, from AW and W, or a read, from AR. Raises BadInput where the order of the two matters."""
    if aw is None or w is None:
        assert ar is not None, "a step takes from AW and W, or from AR"
        response, data = read(params, state.words, ar[0])
        state = replace(state, read=state.read | {ar[0] >> params.lane_bits})
        _require_order(params, state)
        return state, [], [(data, response)], []
    response, words = write(params, state.words, aw[0], *w)
    if response is not Answer.DONE:
        return state, [(response,)], [], []
    number = aw[0] >> params.lane_bits
    state = replace(state, words=words, written=state.written | {number})
    _require_order(params, state)
    return state, [(response,)], [], [(number, words[number])]


def _require_order(params: Params, state: State) -> None:
    if both := state.written & state.read:
        raise BadInput(
            f"register {params.registers[min(both)][0]} is written and read, in an order that is not "
            "specified: let a stimulus write to some registers and read others"
        )


CORE = Core(
    name="bus.axi4_lite",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: State(reset_words(params)),
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
    groups=lambda params: (("aw", "w"), ("ar",)),
)

"""Arithmetic by one gate: the specification of `sc.gate`.

Each transaction brings a bit a, a bit b, and for `mux` a bit s, of each lane's streams; each lane gives one
bit.
With p_a for the share of ones, and values v = 2p − 1 where streams are bipolar:

    not    1 − a                 p = 1 − p_a;  v = −v_a                    exact
    and    a·b                   p = p_a·p_b                               of independent streams
    xnor   1 − (a XOR b)         v = v_a·v_b                               of independent streams
    or     a + b − a·b           p = p_a + p_b − p_a·p_b                   of independent streams
    xor    a XOR b               p = |p_a − p_b|                           of fully correlated streams
    mux    s ? a : b             p = p_s·p_a + (1 − p_s)·p_b, scaled add   s independent of both

A. Alaghi and J. P. Hayes, "Survey of stochastic computing", ACM Transactions on Embedded Computing Systems 12
(2013) 92.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port


class Gate(Enum):
    """The gate of every lane."""

    NOT = "not"
    AND = "and"
    XNOR = "xnor"
    OR = "or"
    XOR = "xor"
    MUX = "mux"


@dataclass(frozen=True)
class Params:
    """gate: of every lane. lanes: how many."""

    gate: Gate = Gate.AND
    lanes: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.lanes <= 63:
            raise RangeError(f"lanes = {self.lanes}: 1 … 63 are possible")

    @property
    def operands(self) -> tuple[str, ...]:
        """Streams that go in."""
        return {Gate.NOT: ("a",), Gate.MUX: ("a", "b", "select")}.get(self.gate, ("a", "b"))


def inputs(params: Params) -> Mapping[str, Port]:
    """A bit of each lane, lane 0 in the lowest place, for every operand."""
    return {"input": Port({name: unsigned(params.lanes) for name in params.operands})}


def outputs(params: Params) -> Mapping[str, Port]:
    """A bit of each lane."""
    return {"output": Port({"bits": unsigned(params.lanes)})}


def reference(
    params: Params, configuration: Configuration, state: None, transaction: tuple[int, ...]
) -> tuple[None, list[tuple[int]]]:
    """One bit of every stream, lane by lane, by the table of the gate."""
    bits = 0
    for lane in range(params.lanes):
        a, b, select = ([operand >> lane & 1 for operand in transaction] + [0, 0])[:3]
        bit = {
            Gate.NOT: 1 - a,
            Gate.AND: a * b,
            Gate.XNOR: int(a == b),
            Gate.OR: max(a, b),
            Gate.XOR: int(a != b),
            Gate.MUX: a if select else b,
        }[params.gate]
        bits += bit << lane
    return None, [(bits,)]


CORE = Core(
    name="sc.gate",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    initial=lambda params, configuration: None,
    reference=reference,
    timing=lambda params: Timing(latency=0, interval=1),
)

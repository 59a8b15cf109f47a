"""Comparator encoder, or stochastic number generator: the specification of `sc.encoder`.

Every transaction brings one number R of a source, 0 … 2^width − 1, and a value x for each lane; where values
are `held`, they are registers that a host sets. Each lane gives one bit of its stream:

    bit_k = 1  where  rotate(R delayed by delay_k transactions, rotation_k) < threshold(x_k)
    threshold(x) = x               unipolar: x = 0 … 2^width stands for x / 2^width
    threshold(x) = x + 2^(width−1) bipolar: x = −2^(width−1) … 2^(width−1) stands for x / 2^(width−1)

Values beyond those ends give a stream of ones or zeros only. `rotate` turns a number left by so many bits.
Before there have been enough transactions for a delay, the delayed number is the largest, 2^width − 1. Lanes
of one source that differ in rotation or delay are less correlated; how much is a matter of measurement.

B. R. Gaines, "Stochastic computing systems", Advances in Information Systems Science 2 (1969) 37–172. One
lane, unipolar, after `sc.lfsr` of 16 bits, is the encoder of SC-NeuroCore 3.16.0: bit = (LFSR < x), in a
register.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fixed import Q, signed, unsigned
from spikelock.models.ports import Port, Register, RegisterMap


@dataclass(frozen=True)
class Params:
    """width: bits of a number. bipolar: what values stand for. rotations, delays: of the lanes, one each.

    held: values are registers, for constants such as the share of a scaled sum; else they come with numbers.
    """

    width: int = 16
    bipolar: bool = False
    rotations: tuple[int, ...] = (0,)
    delays: tuple[int, ...] = (0,)
    held: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 62:
            raise RangeError(f"width = {self.width}: numbers have 1 … 62 bits")
        if not 1 <= len(self.rotations) == len(self.delays) <= 64:
            raise RangeError(
                f"{len(self.rotations)} rotations and {len(self.delays)} delays: one of each for every lane, "
                "and 1 … 64 lanes"
            )
        for rotation, delay in zip(self.rotations, self.delays, strict=True):
            if not 0 <= rotation < self.width:
                raise RangeError(
                    f"rotation {rotation}: a number of {self.width} bits turns by 0 … {self.width - 1}"
                )
            if not 0 <= delay <= 1024:
                raise RangeError(f"delay {delay}: 0 … 1024 transactions are possible")

    @property
    def lanes(self) -> int:
        """Streams made at a time."""
        return len(self.rotations)

    @property
    def value(self) -> Q:
        """Format of a value; it has room for both ends."""
        return (
            signed(self.width + 1, self.width - 1) if self.bipolar else unsigned(self.width + 1, self.width)
        )


HELD = Params(held=True)
"""One lane with a value that a host sets."""

COSTED: Mapping[str, Params] = {"held": HELD}
"""What `spikelock cost` measures besides the default parameters."""


def registers(params: Params) -> RegisterMap:
    """What a host may set at run time: the values, where they are held."""
    if not params.held:
        return {}
    return {
        f"value{lane}": Register(params.value, 0, f"value of lane {lane}") for lane in range(params.lanes)
    }


def inputs(params: Params) -> Mapping[str, Port]:
    """A number and the values."""
    values = {} if params.held else {f"value{lane}": params.value for lane in range(params.lanes)}
    return {"input": Port({"number": unsigned(params.width)} | values)}


def outputs(params: Params) -> Mapping[str, Port]:
    """A bit of each stream, lane 0 in the lowest place."""
    return {"output": Port({"bits": unsigned(params.lanes)})}


def initial(params: Params, configuration: Configuration) -> tuple[int, ...]:
    """The numbers before the first, the latest first."""
    return ((1 << params.width) - 1,) * max(params.delays)


def reference(
    params: Params, configuration: Configuration, earlier: tuple[int, ...], transaction: tuple[int, ...]
) -> tuple[tuple[int, ...], list[tuple[int]]]:
    """One number: one bit of each stream."""
    number, *values = transaction
    if params.held:
        values = [configuration.registers[f"value{lane}"] for lane in range(params.lanes)]
    numbers = (number, *earlier)
    offset = 1 << (params.width - 1) if params.bipolar else 0
    bits = 0
    for lane, value in enumerate(values):
        doubled = numbers[params.delays[lane]] * (
            (1 << params.width) + 1
        )  # twice the same bits, side by side
        turned = doubled >> (params.width - params.rotations[lane]) & ((1 << params.width) - 1)
        bits |= (turned < value + offset) << lane
    return numbers[: len(earlier)], [(bits,)]


CORE = Core(
    name="sc.encoder",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=registers,
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=1, interval=1),
)

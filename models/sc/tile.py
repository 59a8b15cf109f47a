"""A stochastic layer in a chain of tiles: `sc.tile`, the events of `fabric.tile` with the sums of `sc.dense`.

Addresses 0 … axons − 1 are the sources upstream of the tile, and its own neuron i has address axons + i. The
layer's input j listens to address first + j; all other sources are passed on unheard.

    SPIKE a, a < axons:  source a has spiked; the event is passed on
    SPIKE a, otherwise:  FAULT a is sent instead: nothing upstream has this address
    TICK:     the layer takes one tick: an input whose source has spiked since the last mark, once or more
              often, has the value 1, every other 0; a neuron that fires sends SPIKE axons + i; TICK is passed
              on, and no source has spiked
    RESTART:  no source has spiked; the layer's next tick begins with all neurons as after reset; RESTART is
              passed on
    FAULT:    is passed on

A spike is full scale: with the product AND its stream is all ones, and what is stochastic is the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spikelock.models.core import Configuration, Core, Timing
from spikelock.models.errors import RangeError
from spikelock.models.fabric.tile import Kind, event
from spikelock.models.neurons import lif
from spikelock.models.ports import Port
from spikelock.models.sc import dense


@dataclass(frozen=True)
class Params:
    """layer: sizes and formats of the layer. axons: upstream addresses. first: the one its input 0 has."""

    layer: dense.Params = field(default_factory=dense.Params)
    axons: int = 8
    first: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.axons - self.layer.inputs:
            raise RangeError(
                f"first = {self.first}: the {self.layer.inputs} inputs of the layer must be among the "
                f"{self.axons} axons; 0 … {self.axons - self.layer.inputs} are possible"
            )

    @property
    def neurons(self) -> int:
        """How many neurons there are."""
        return self.layer.neurons

    @property
    def neuron(self) -> lif.Params:
        """Formats and modes of the neurons."""
        return self.layer.neuron

    @property
    def full_scale(self) -> int:
        """The integer of the value 1."""
        return 1 << self.layer.value.fraction


@dataclass(frozen=True)
class State:
    """The sources that have spiked, whether the next tick restarts the layer, and the layer's state."""

    spiked: frozenset[int]
    restart: bool
    layer: dense.State


def initial(params: Params, configuration: Configuration) -> State:
    """No source has spiked."""
    return State(frozenset(), False, dense.initial(params.layer, configuration))


def reference(
    params: Params, configuration: Configuration, state: State, transaction: tuple[int, int]
) -> tuple[State, list[tuple[int, int]]]:
    """One event."""
    kind, address = transaction
    if kind == Kind.FAULT:
        return state, [(Kind.FAULT, address)]
    if kind == Kind.SPIKE and address >= params.axons:
        return state, [(Kind.FAULT, address)]
    if kind == Kind.SPIKE:
        return State(state.spiked | {address}, state.restart, state.layer), [(Kind.SPIKE, address)]
    if kind == Kind.RESTART:
        return State(frozenset(), True, state.layer), [(Kind.RESTART, 0)]

    layer, answers = state.layer, list[tuple[int, ...]]()
    for source in range(params.first, params.first + params.layer.inputs):
        value = params.full_scale if source in state.spiked else 0
        layer, some = dense.reference(params.layer, configuration, layer, (value, int(state.restart)))
        answers += some
    sent = [(int(Kind.SPIKE), params.axons + i) for i, (spike, *_) in enumerate(answers) if spike]
    return State(frozenset(), False, layer), [*sent, (Kind.TICK, 0)]


def inputs(params: Params) -> Mapping[str, Port]:
    """Events from upstream."""
    return {"input": event(params.axons)}


def outputs(params: Params) -> Mapping[str, Port]:
    """Events to downstream: all that came in, and the tile's own spikes."""
    return {"output": event(params.axons + params.neurons)}


CORE = Core(
    name="sc.tile",
    params=Params,
    inputs=inputs,
    outputs=outputs,
    registers=lambda params: dense.CORE.registers(params.layer),
    memories=lambda params: dense.CORE.memories(params.layer),
    initial=initial,
    reference=reference,
    timing=lambda params: Timing(latency=None, interval=None),
)

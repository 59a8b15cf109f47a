"""Upsets at a rate: what a core makes of its inputs while any of its bits may flip in any cycle.

A campaign (`campaign.py`) flips one bit a run and asks what became of it. Here every bit of state flips in
every cycle with the same small probability, as under radiation, and what is asked is how wrong the outputs
are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikelock.models.compare import compare
from spikelock.models.core import Configuration, Core, run_reference, twin
from spikelock.models.errors import RangeError, SpikelockError
from spikelock.models.ports import Records
from spikelock.testbenches.levels import CoreRun, run_built
from spikelock.testbenches.lockstep import Built, Job, build_verilog
from spikelock.testbenches.lockstep.verilog import convert

from .upsets import PORT, Store, Upset, Upsettable, upsettable


@dataclass(frozen=True)
class Exposed:
    """A core made ready for upsets, with its inputs and what it makes of them.

    cycles: of a run without upsets. expected: its outputs, those of the reference.
    """

    core: Core
    params: Any
    configuration: Configuration
    design: Upsettable
    built: Built
    job: Job
    cycles: int
    expected: Mapping[str, Records]

    @property
    def bits(self) -> int:
        """Of state."""
        return sum(store.bits for store in self.design.stores)

    def run(self, rate: float, seed: int, stores: Sequence[Store] | None = None) -> CoreRun:
        """With upsets, of every bit of these stores, or of all, in every cycle with this probability.

        Raises RangeError for a rate outside 0 … 1.
        """
        if not 0 <= rate <= 1:
            raise RangeError(f"a rate of {rate}: a bit flips in a cycle with a probability of 0 … 1")
        drawn = list(draw(self.design.stores if stores is None else stores, self.cycles, rate, seed))
        job = replace(self.job, levels=self.design.levels_of(drawn), seed=seed)
        return run_built(self.built, self.core, self.params, self.configuration, job)


def expose(
    core: Core, params: Any, configuration: Configuration, inputs: Mapping[str, Records], silence: int
) -> Exposed:
    """Builds the RTL of a core for upsets. silence: the most cycles in which it neither takes nor gives.

    Raises MissingTool, SpikelockError where the design has state that cannot be upset, or none, or does not
    give the outputs of the reference while nothing is upset.
    """
    rtlil = convert(twin(core.name, "rtl").component(params), ("sync",), {}, emit_src=True).rtlil
    design = upsettable(rtlil)
    if not design.stores:
        raise SpikelockError(f"{core.name} holds no state; there is nothing to upset")
    ports = {**core.pins(params), PORT: design.port}
    built = build_verilog(design.verilog, ports, core.outputs(params))
    _, expected = run_reference(core, params, configuration, inputs)
    job = Job(inputs, drain=silence, levels=design.levels(None))
    good = run_built(built, core, params, configuration, job)
    if good.problems or good.cycles is None or not compare(expected, good.outputs).agrees:
        raise SpikelockError(f"{core.name}: made ready for upsets, the design is not the original any more")
    patience = 100 + 4 * silence
    job = replace(job, patience=patience, limit=4 * good.cycles + patience)
    cycles = good.cycles - silence
    return Exposed(core, params, configuration, design, built, job, cycles, expected)


def draw(stores: Sequence[Store], cycles: int, rate: float, seed: int) -> Iterator[Upset]:
    """Upsets of every bit in every cycle with this probability; of a memory at most one in a cycle."""
    random = np.random.default_rng(seed)
    for store in stores:
        count = int(random.binomial(store.bits * cycles, rate))
        at = random.permutation(cycles)[:count] if store.is_memory else random.integers(cycles, size=count)
        for cycle in at.tolist():
            yield Upset(store, int(random.integers(store.depth)), int(random.integers(store.width)), cycle)

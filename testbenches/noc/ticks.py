"""How many cycles each tick of a network takes on a mesh of tiles in Verilator."""

from __future__ import annotations

import numpy as np

from spikelock.models.core import twin
from spikelock.models.errors import SpikelockError
from spikelock.models.fabric import mesh
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.hardware import hardware
from spikelock.models.network.mapping.mapped import Mapped
from spikelock.models.ports import load_records
from spikelock.testbenches.lockstep import Job, Model, build
from spikelock.testbenches.mesh import Marks, host_events, longest_silence
from spikelock.testbenches.network import Spikes


def measured_ticks(mapped: Mapped, spikes: Spikes) -> Ints:
    """Of one sample: from the last mark of the tick before to that of the tick, as they come to the host.

    Raises SpikelockError where not all marks come.
    """
    core = mesh.CORE
    params, configuration = hardware(mapped)
    built = build(twin(core.name, "rtl").component(params), core.pins(params), core.outputs(params))
    marks = Marks.of(mapped, spikes)
    silence = longest_silence(mapped)
    job = Job({"input": host_events(mapped, spikes, marks)}, stamps=True, drain=silence, patience=2 * silence)
    loads = load_records(core.memories(params), configuration.memories)
    with Model(built) as model:
        model.run(Job({"load": loads}, levels={"registers": configuration.registers}))
        response = model.run(job)
    at = response.produced_at["output"][response.outputs["output"]["kind"] == Kind.TICK]
    if not response.ok or len(at) != len(marks.tick):
        raise SpikelockError(
            f"{len(at)} of {len(marks.tick)} marks came: {list(map(str, response.problems))}"
        )
    return np.diff(at[:: mapped.steps].astype(np.int64))  # the first is that of RESTART

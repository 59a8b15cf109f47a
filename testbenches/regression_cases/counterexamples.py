"""From the counterexample of a proof to a regression case.

A proof lets registers and inputs do what no bench can, so the solver is asked once more, for a counterexample
that a bench can play. What passed at the pins there, cycle for cycle, becomes the case. It counts only if the
bench sees it too: a claim about the inside of a core may fail without a trace at its ports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from spikelock.formal.proof import Proof
from spikelock.formal.runner import search_as_a_bench
from spikelock.formal.trace import Counterexample
from spikelock.models.core import find_core
from spikelock.models.errors import BadInput
from spikelock.models.ports import Memory, Port, Records, from_bits, load_port
from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.lockstep import Job, Stall, exactly
from spikelock.testbenches.problem import Detector
from spikelock.testbenches.random_records import random_records

from .case import Found, RegressionCase
from .case_file import save
from .replaying import replay
from .shrinking import SECONDS, shrink

Pins = Mapping[str, Sequence[int]]


CONTINUATION, CONTINUATIONS = 20, 5
"""Random transactions after a counterexample that does not show yet, and how many such tails are tried."""


def store_counterexample(
    proof: Proof, folder: Path, *, component: Any = None, seconds: float = SECONDS
) -> Path | None:
    """Keeps the counterexample of a proof that fails as a small regression case; returns its file.

    component: hardware in the place of the core's own. None where no run that a bench can play fails at the
    ports, up to the proof's depth. seconds: for shrinking. Raises as `formal.runner.prove` and `replay`.
    """
    component = component if component is not None else proof.component()
    found = visible_case(proof, folder, component)
    if found is None:
        return None
    with suppress(BadInput):  # the engine may refuse it: then it is kept whole
        found = shrink(found, "rtl", component=component, seconds=seconds).case
    path = folder / f"{re.sub(r'[^a-z0-9]+', '-', str(proof))}.json"
    folder.mkdir(parents=True, exist_ok=True)
    save(found, path)
    return path


def visible_case(proof: Proof, folder: Path, component: Any) -> RegressionCase | None:
    """The counterexample as a case, cycle for cycle, with what level rtl says of it; None where it passes."""
    counterexample = search_as_a_bench(proof, folder / "as-a-bench", component).counterexample
    if counterexample is None:
        return None
    for case in cases_of(proof, counterexample):
        continued = (_continued(case, seed) for seed in range(CONTINUATIONS))
        # A proof fills memories with anything, often for no reason, and with what no host would load.
        for candidate in (replace(case, memories={}), case, *continued):
            with suppress(BadInput):  # the reference may refuse what a proof allows, such as a row's end
                problems = replay(candidate, "rtl", component=component).problems
                if problems:
                    return replace(candidate, found=Found.by(problems[0], "rtl", candidate.found.origin))
    return None


def _continued(case: RegressionCase, seed: int) -> RegressionCase:
    """The case, and random transactions after it: what it leaves wrong inside may show then."""
    random = np.random.default_rng(seed)
    inputs = {
        name: np.concatenate([records, random_records(port, CONTINUATION, random)])
        for (name, port), records in zip(
            case.core.inputs(case.params).items(), case.job.inputs.values(), strict=True
        )
    }
    origin = f"{case.found.origin}, and {CONTINUATION} random transactions after it, seed {seed}"
    found = replace(case.found, origin=origin)
    return replace(case, job=replace(case.job, inputs=inputs), found=found)


def cases_of(proof: Proof, counterexample: Counterexample) -> Iterator[RegressionCase]:
    """What passed at the pins, as a case; first, where no reset came, without one.

    The runs of proofs begin with reset, those of a bench a little later, when memories are loaded. Where
    that matters, a reset in cycle 0 makes them equal: what is in cycle c of the one is in cycle c + 1 of the
    other.
    """
    core, params, pins = find_core(proof.core), proof.params, counterexample.pins
    resets = [cycle for cycle, high in enumerate(_pin("rst", pins)) if high]
    ports = core.pins(params)
    registers: dict[str, int] = {}
    if "registers" in ports and "registers" in pins:
        (values,) = from_bits(ports["registers"], pins["registers"][:1]).tolist()
        registers = dict(zip(ports["registers"].fields, values, strict=True))
    memories = _memories(core.memories(params), pins) if "load" in ports else {}
    inputs = _of_equal_length(
        {name: _transactions(port, name, pins) for name, port in core.inputs(params).items()}
    )
    origin = f'counterexample of the proof {proof.name}: "{counterexample.claim}"'
    found = Found(
        Detector.ASSERTION, "formal", f'"{counterexample.claim}" fails in cycle {counterexample.step}', origin
    )
    for delay in (1,) if resets else (0, 1):
        job = Job(
            inputs,
            stalls={name: _stall(name, "valid", pins, delay) for name in core.inputs(params)}
            | {name: _stall(name, "ready", pins, delay) for name in core.outputs(params)},
            resets=[0] * delay + [cycle + delay for cycle in resets],
            drain=_silence(core.name),
        )
        yield RegressionCase(core, params, job, found, registers, memories)


def _passed(name: str, pins: Pins) -> list[int]:
    """Cycles in which a transaction passes."""
    handshakes = zip(
        _pin(f"{name}__valid", pins), _pin(f"{name}__ready", pins), _pin("rst", pins), strict=True
    )
    return [cycle for cycle, (valid, ready, reset) in enumerate(handshakes) if valid and ready and not reset]


def _transactions(port: Port, name: str, pins: Pins) -> Records:
    """What passed, and what still waits at the end."""
    cycles, valid, payload = _passed(name, pins), _pin(f"{name}__valid", pins), _pin(f"{name}__payload", pins)
    if valid[-1] and len(valid) - 1 not in cycles:
        cycles.append(len(valid) - 1)
    return from_bits(port, [payload[cycle] for cycle in cycles])


def _pin(name: str, pins: Pins) -> Sequence[int]:
    return pins.get(name) or [0] * max(map(len, pins.values()))


def _stall(name: str, pin: str, pins: Pins, delay: int) -> Stall:
    """Cycles in which the bench's pin is low; a pin that has no influence stalls nothing."""
    return exactly(cycle + delay for cycle, high in enumerate(pins.get(f"{name}__{pin}", ())) if not high)


def _memories(memories: Mapping[str, Memory], pins: Pins) -> dict[str, Records]:
    """What the loads leave in each memory."""
    contents = {name: np.zeros(memory.depth, memory.layout.dtype) for name, memory in memories.items()}
    names = list(memories)
    loads = from_bits(
        load_port(memories), [_pin("load__payload", pins)[cycle] for cycle in _passed("load", pins)]
    )
    for number, address, data in loads.tolist():
        if number < len(names) and address < memories[names[number]].depth:
            contents[names[number]][address] = from_bits(memories[names[number]].layout, [data])[0]
    return {name: records for name, records in contents.items() if _any(records)}


def _any(records: Records) -> bool:
    return any(records[field].any() for field in records.dtype.names or ())


def _of_equal_length(inputs: Mapping[str, Records]) -> dict[str, Records]:
    """All streams as long as the longest: a core takes one transaction of each in every step."""
    longest = max(map(len, inputs.values()), default=0)
    return {name: np.concatenate([r, np.zeros(longest - len(r), r.dtype)]) for name, r in inputs.items()}


def _silence(core: str) -> int:
    """Cycles for which the core may be busy without any transaction, by its bench."""
    try:
        silence: int = find_bench(core).silence
    except ModuleNotFoundError:
        return Job().drain
    return silence

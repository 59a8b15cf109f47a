"""Campaigns: many faults, one a run, each judged by what it does to the outputs of a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from spikelock.models.compare import compare
from spikelock.models.core import Configuration, Core
from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.ports import Records
from spikelock.testbenches.alterations import (
    UNALTERED,
    Alteration,
    build_altered,
    list_mutations,
    prepare,
    select,
)
from spikelock.testbenches.bench import Bench, Case
from spikelock.testbenches.levels import CoreRun, run_built
from spikelock.testbenches.lockstep import Built, Job, build_verilog
from spikelock.testbenches.lockstep.verilog import convert
from spikelock.testbenches.trial import Trial

from .outcomes import Alarms, Outcome, Tally, outcome_of
from .upsets import PORT, Store, Upset, upsettable

SIZE = 100
"""Input transactions of the case in every run, about."""

Part = tuple[int, int]
"""(number of the part, number of parts): a campaign can be divided among processes; see `merged`."""

WHOLE: Part = (0, 1)

Kind = Literal["upset", "stuck-at"]


@dataclass(frozen=True)
class Fault:
    """One fault of one run.

    place: the register or memory; of a net, its line of the source. group: what the place is one of, for
    counting. cause: the upset, or the alteration that is in force.
    """

    place: str
    group: str
    cause: Upset | Alteration

    def __str__(self) -> str:
        return f"{self.place}: {self.cause}"


@dataclass(frozen=True)
class Campaign:
    """All faults of a kind in a core, with what became of each.

    case: what runs. bits: of state, by place, for upsets. cycles: of a run without faults.
    """

    core: str
    case: str
    kind: Kind
    seed: int
    cycles: int
    faults: Sequence[Fault]
    outcomes: Sequence[Outcome]
    bits: Mapping[str, int]

    @cached_property
    def tally(self) -> Tally:
        """Of all faults."""
        return Tally.of(self.outcomes)

    def by_group(self) -> dict[str, Tally]:
        """Flip-flops and memories apart; of stuck nets, those that are stuck at 0 and at 1."""
        return self._tallies([fault.group for fault in self.faults])

    def by_place(self) -> dict[str, Tally]:
        """Of each place: those with the most silent corruptions first."""
        tallies = self._tallies([fault.place for fault in self.faults])
        return dict(sorted(tallies.items(), key=lambda item: -item[1].counts[Outcome.SILENT]))

    def _tallies(self, keys: Sequence[str]) -> dict[str, Tally]:
        found: dict[str, list[Outcome]] = {}
        for key, outcome in zip(keys, self.outcomes, strict=True):
            found.setdefault(key, []).append(outcome)
        return {key: Tally.of(outcomes) for key, outcomes in found.items()}

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        places = [
            {"place": place, **({"bits": self.bits[place]} if self.bits else {}), **tally.to_json()}
            for place, tally in self.by_place().items()
        ]
        return {
            "core": self.core,
            "case": self.case,
            "kind": self.kind,
            "seed": self.seed,
            "cycles": self.cycles,
            **self.tally.to_json(),
            "groups": {group: tally.to_json() for group, tally in self.by_group().items()},
            "places": places,
        }


def upsets(
    bench: Bench, case: Case, count: int, seed: int = 0, *, size: int = SIZE, part: Part = WHOLE
) -> Campaign:
    """Flips one bit of state in one cycle, `count` times.

    Where the core has memories, half of the upsets fall into them, the other half into flip-flops; within
    each half, bits are drawn evenly. Cycles are drawn evenly from a run without faults.
    part: only these of the upsets. size: about how many input transactions. A core without state has none.
    Raises BadInput for a count below 1, MissingTool, SpikelockError where the design has state that cannot be
    upset, or differs from the original while nothing is upset.
    """
    _require(count)
    core, params = bench.core, case.params
    design = upsettable(_rtlil(bench, case))
    if not design.stores:
        return Campaign(core.name, case.name, "upset", seed, 0, (), (), {})
    ports = {**core.pins(params), PORT: design.port}
    built = build_verilog(design.verilog, ports, core.outputs(params))
    stand, cycles = _stand(built, design.levels, bench, case, seed, size)

    faults = [
        Fault(upset.store.name, "memories" if upset.store.is_memory else "flip-flops", upset)
        for upset in _draw(design.stores, count, cycles, seed)
    ]
    bits = {store.name: store.bits for store in design.stores}
    return _judged(Campaign(core.name, case.name, "upset", seed, cycles, faults, (), bits), stand, part)


def stuck_at(
    bench: Bench, case: Case, count: int, seed: int = 0, *, size: int = SIZE, part: Part = WHOLE
) -> Campaign:
    """Holds one bit of one port of a cell at 0 or at 1, for a whole run, `count` times at most.

    Yosys chooses the places, evenly over wires, cells and source lines. Raises as `upsets`.
    """
    _require(count)
    core, params = bench.core, case.params
    prepared = prepare(_rtlil(bench, case))
    places = [
        *list_mutations(prepared, (count + 1) // 2, seed, "const0"),
        *(list_mutations(prepared, count // 2, seed, "const1") if count > 1 else ()),
    ]
    nets = [replace(place, number=number) for number, place in enumerate(places, 1)]
    built = build_altered(prepared, nets, core.pins(params), core.outputs(params))
    stand, cycles = _stand(built, _select, bench, case, seed, size)

    faults = [Fault(_line(net), f"at {net.mode[-1]}", net) for net in nets]
    return _judged(Campaign(core.name, case.name, "stuck-at", seed, cycles, faults, (), {}), stand, part)


CAMPAIGNS: dict[Kind, Callable[..., Campaign]] = {"upset": upsets, "stuck-at": stuck_at}
"""The function of each kind."""


def merged(parts: Sequence[Campaign]) -> Campaign:
    """One campaign of its parts."""
    return replace(
        parts[0],
        faults=[fault for part in parts for fault in part.faults],
        outcomes=[outcome for part in parts for outcome in part.outcomes],
    )


Levels = Callable[[Any], Mapping[str, Any]]
"""Levels of a `Job` in which the cause of a fault is at work; None: without any fault."""


def _select(alteration: Alteration | None) -> Mapping[str, Any]:
    return select(UNALTERED if alteration is None else alteration.number)


@dataclass(frozen=True)
class _Stand:
    """The design on its test stand: what all runs of a campaign share."""

    built: Built
    levels: Levels
    core: Core
    params: Any
    configuration: Configuration
    job: Job
    expected: Mapping[str, Records]
    alarms: Alarms

    def run(self, fault: Fault | None) -> CoreRun:
        """The case with a fault; None: without any."""
        job = replace(self.job, levels=self.levels(None if fault is None else fault.cause))
        return run_built(self.built, self.core, self.params, self.configuration, job)

    def outcome(self, fault: Fault) -> Outcome:
        """What the fault does."""
        return outcome_of(self.run(fault), self.expected, self.alarms)


def _stand(
    built: Built, levels: Levels, bench: Bench, case: Case, seed: int, size: int
) -> tuple[_Stand, int]:
    """The stand, and the cycles of a run without faults, which must be as it should be.

    Hangs are told from runs that are merely slow by that run's length.
    """
    trial = Trial(bench, case, "rtl", seed, size)
    job = Job(trial.inputs, seed=seed, drain=bench.silence)
    params, configuration = case.params, trial.configuration
    stand = _Stand(built, levels, bench.core, params, configuration, job, trial.expected, bench.alarms)
    good = stand.run(None)
    if outcome_of(good, trial.expected, bench.alarms) is not Outcome.MASKED or good.cycles is None:
        raise SpikelockError(
            f"{bench.core.name}, case {case.name}: made ready for faults, the design is not the original "
            f"even while none is at work: {'; '.join(good.problems) or compare(trial.expected, good.outputs)}"
        )
    patience = 100 + 4 * bench.silence
    job = replace(job, patience=patience, limit=4 * good.cycles + patience)
    return replace(stand, job=job), good.cycles - job.drain


def _require(count: int) -> None:
    if count < 1:
        raise BadInput(f"{count} faults are wanted; 1 or more can be injected")


def _rtlil(bench: Bench, case: Case) -> str:
    return convert(bench.hardware(case.params), ("sync",), {}, emit_src=True).rtlil


def _draw(stores: Sequence[Store], count: int, cycles: int, seed: int) -> Iterator[Upset]:
    """Upsets, in turn of a flip-flop and of a memory, where there are both."""
    random = np.random.default_rng(seed)
    kinds = [[s for s in stores if s.is_memory is memory] for memory in (False, True)]
    kinds = [kind for kind in kinds if kind]
    for number in range(count):
        kind = kinds[number % len(kinds)]
        chances = np.array([store.bits for store in kind])
        store = kind[int(random.choice(len(kind), p=chances / chances.sum()))]
        yield Upset(
            store,
            int(random.integers(store.depth)),
            int(random.integers(store.width)),
            int(random.integers(cycles)),
        )


def _line(alteration: Alteration) -> str:
    """The line of the source that a net comes from; of one without, its own name."""
    return alteration.sources[0] if alteration.sources else alteration.wire or alteration.cell


def _judged(campaign: Campaign, stand: _Stand, part: Part) -> Campaign:
    number, parts = part
    faults = campaign.faults[number::parts]
    return replace(campaign, faults=faults, outcomes=[stand.outcome(fault) for fault in faults])

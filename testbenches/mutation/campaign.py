"""A mutation campaign: which mutants the bench of a core kills, and what the survivors are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spikelock.testbenches.alterations import Alteration, build_altered, list_mutations, prepare_component
from spikelock.testbenches.bench import Bench, find_bench
from spikelock.testbenches.equivalence import prove_equal
from spikelock.testbenches.lockstep.verilog import TOP
from spikelock.testbenches.own_verilog.judged import OwnVerilog

from .leaves import own_leaves
from .search import Shown, search
from .shares import Share, designs
from .trials import Jury, Kill

MOST_SEARCHED = 300
"""Transactions of a run in the search: other settings tell more than longer runs."""

Verdict = Literal["killed", "equivalent", "different", "unknown"]


@dataclass(frozen=True)
class Fate:
    """What became of a mutant.

    verdict: `killed` by the bench; or it survived, and is proved `equivalent`, shown to be `different`, or
        `unknown`. kill: by what, with `killed`. shown: with `different`, the run that shows it.
    leaf: it is in a module of the core's own without state and without submodules: arithmetic, or an arbiter.
    """

    mutation: Alteration
    design: str
    leaf: bool
    verdict: Verdict
    kill: Kill | None = None
    shown: Shown | None = None

    @property
    def module(self) -> str:
        """The module it is in, by its path below the core; the core itself is `core`."""
        return self.mutation.module.removeprefix(TOP).strip(".") or "core"


@dataclass(frozen=True)
class ShareResult:
    """The fates of one share. seconds: for building, running, and deciding about the survivors.

    cycles: of all jobs on the original.
    """

    share: Share
    design: str
    fates: tuple[Fate, ...]
    cycles: int
    building: float
    running: float
    deciding: float


def run_named_share(share: Share, module: OwnVerilog | None = None) -> ShareResult:
    """`run_share` with the bench of the core that the share names, or of a module in the core's place."""
    return run_share(module.bench if module else find_bench(share.core), share)


def run_share(bench: Bench, share: Share) -> ShareResult:
    """Makes the mutants of a share, runs the bench's own jobs on each, and decides about the survivors.

    Raises MissingTool without the tools, SpikelockError where the altered design, with nothing selected, is
    not the original.
    """
    started = time.monotonic()
    cases = designs(bench)[share.design]
    params, core = cases[0].params, bench.core
    prepared = prepare_component(bench.hardware(params))
    mutations = list_mutations(prepared, share.count, share.seed)
    built = build_altered(prepared, mutations, core.pins(params), core.outputs(params))
    jury = Jury(bench, cases, built, share.seed, share.size)
    begun = time.monotonic()
    kills = {mutation.number: jury.judge(mutation.number) for mutation in mutations}
    ran = time.monotonic()

    survivors = [mutation for mutation in mutations if kills[mutation.number] is None]
    size = min(share.size, MOST_SEARCHED)
    equal = prove_equal(prepared, survivors)
    shown = search(jury, cases, [m.number for m in survivors if m.number not in equal], share.seed, size)
    leaves = own_leaves(prepared, core.name)
    name = ", ".join(case.name for case in cases)

    def fate(mutation: Alteration) -> Fate:
        leaf, number = mutation.module in leaves, mutation.number
        if kill := kills[number]:
            return Fate(mutation, name, leaf, "killed", kill)
        if number in shown:
            return Fate(mutation, name, leaf, "different", shown=shown[number])
        return Fate(mutation, name, leaf, "equivalent" if number in equal else "unknown")

    fates = tuple(fate(mutation) for mutation in mutations)
    done = time.monotonic()
    return ShareResult(share, name, fates, jury.cycles, begun - started, ran - begun, done - ran)


def survivors(fates: Sequence[Fate]) -> list[Fate]:
    """Those that count against the bench: different, or not known to be equivalent."""
    return [fate for fate in fates if fate.verdict in ("different", "unknown")]

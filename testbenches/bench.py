"""The bench of a core: its cases, its coverage and its known bugs, declared once.

A case is a choice of parameters, registers and memories, with a seeded stimulus of any size. What is done
with a bench stands elsewhere: `checking.py` runs its cases, `known_bugs` and `controls` say what it is worth.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spikelock.models.core import Configuration, Core, twin
from spikelock.models.errors import BadInput
from spikelock.models.ports import Records, RegisterMap

from .functional_coverage import Columns, CoverGroup
from .known_bugs.bug import KnownBug
from .waivers import Waiver

Stimulus = Callable[[np.random.Generator, int], Mapping[str, Records]]
"""Input transactions from a random generator, about as many as asked for."""

Impossible = Mapping[str, Mapping[tuple[str, ...], str]]
"""By stream: combinations of handshakes a core cannot show, and why; see `functional_coverage.handshakes`."""


@dataclass(frozen=True)
class Case:
    """One use of a core. registers, memories: those that differ from their reset values.

    contents: makes other contents of the memories, with which the stimulus is as good. impossible: handshakes
    that these parameters cannot show, besides those of the bench.
    """

    name: str
    params: Any
    stimulus: Stimulus
    registers: Mapping[str, int] = field(default_factory=dict)
    memories: Mapping[str, Records] = field(default_factory=dict)
    contents: Callable[[np.random.Generator], Mapping[str, Records]] | None = None
    impossible: Impossible = field(default_factory=dict)

    def inputs(self, seed: int, size: int) -> Mapping[str, Records]:
        """The stimulus of a seed: another one in every case."""
        return self.stimulus(np.random.default_rng([seed, zlib.crc32(self.name.encode())]), size)


@dataclass(frozen=True)
class Bench:
    """All there is to try on a core.

    coverage: makes an empty group of what should be reached. observe: `(params, configuration, inputs,
    outputs) →` the columns it samples. impossible: handshakes. silence: cycles for which the hardware may be
    busy without any transaction. settings: makes random values for registers, where the core is specified
    for all. between_resets: transactions between two resets in mid-stream, about: more where an output takes
    many. component: hardware in the place of the core's own. alarms: by which an
    output says that something went wrong, as stream → field → value. bugs: that must be caught. waivers:
    bins, as "point: bin", that need not be reached. code_waivers: lines and branches, as `code_holes` names
    them. cases_for: makes cases for parameters of someone's choice, to judge hardware that has no others.
    only_long: levels that short runs of the tests leave out, as they take minutes to build.
    """

    core: Core
    cases: Sequence[Case]
    coverage: Callable[[], CoverGroup]
    observe: Callable[[Any, Configuration, Mapping[str, Records], Mapping[str, Records]], Columns]
    impossible: Impossible = field(default_factory=dict)
    silence: int = 64
    settings: Callable[[RegisterMap, np.random.Generator], Mapping[str, int]] | None = None
    between_resets: int = 25
    component: Callable[[Any], Any] | None = None
    alarms: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    bugs: Sequence[KnownBug] = ()
    waivers: Sequence[Waiver] = ()
    code_waivers: Sequence[Waiver] = ()
    cases_for: Callable[[Any], Sequence[Case]] | None = None
    only_long: Collection[str] = ()

    def hardware(self, params: Any) -> Any:
        """What is judged: hardware in the place of the core's own, where there is some, else that."""
        return (self.component or twin(self.core.name, "rtl").component)(params)

    def case(self, name: str) -> Case:
        """The case of that name. Raises BadInput, naming the cases there are."""
        for case in self.cases:
            if case.name == name:
                return case
        raise BadInput(
            f"{self.core.name} has no case {name!r}; it has: {', '.join(c.name for c in self.cases)}"
        )


def find_bench(core: str) -> Bench:
    """The bench of the core of that name. Raises ModuleNotFoundError where it has none."""
    bench: Bench = twin(core, "testbenches").BENCH
    return bench

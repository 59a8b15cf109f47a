"""Dies behind power gates, slowed, stopped and switched off in the midst of a run, are the network too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from spikelock.formal.chiplet.power_gate_mutants import DOUBLED_WHEN_SLOW, LOST_WHEN_SLOW
from spikelock.models.chiplet.power_gate import FULL_RATE, State
from spikelock.models.errors import BadInput
from spikelock.models.mutant import Mutant
from spikelock.models.network.trace import concatenate
from spikelock.models.package.dies import controls
from spikelock.models.ports import Records
from spikelock.testbenches.bench_tests import skipped_without_tools
from spikelock.testbenches.cosim import Cosimulation, cosimulate
from spikelock.testbenches.dies import OnDies
from spikelock.testbenches.lockstep import Job, Model, Response
from spikelock.testbenches.mesh import RESET, Part, counted, host_events, longest_silence, trace_of
from spikelock.testbenches.network import LevelRun, Progress, Software, Spikes, ignore_progress
from spikelock.testbenches.noisy_package import NoisyPackage
from spikelock.testbenches.problem import Detector, Problem
from spikelock.testbenches.test_on_dies import machine
from spikelock.testbenches.test_on_mesh import NETWORK, SPIKES

pytest.importorskip("pymetis", reason="mapping needs pymetis: pip install 'spikelock[mapping]'")
pytest.importorskip("scipy", reason="mapping needs scipy: pip install 'spikelock[mapping]'")
pytest.importorskip("networkx", reason="mapping needs networkx: pip install 'spikelock[mapping]'")

AT_ONCE = 10
"""Events that the host sends at one choice of rates, on average."""


class Restless(OnDies):
    """One process runs sample by sample. Each die's rate changes all the time; between two samples all dies
    are switched off and on. broken: is put into the last die. loads: again, after they were off.

    switched: the states in which they were seen when they were to be off.
    """

    def __init__(self, broken: Mutant | None = None, loads: bool = True) -> None:
        super().__init__(NETWORK, machine(), line_errors=1e-3, throttle={})
        if broken:
            last = [*self.package.dies][-1]
            die = broken.component("package.die", self.package, name=last)
            self._component = NoisyPackage(self.package, {last: die})
        self.random = np.random.default_rng(6)
        self.loads = loads
        self.switched: list[int] = []

    def run(self, spikes: Spikes, progress: Progress = ignore_progress) -> LevelRun:
        traces, problems, cycles = [], list[Problem](), 0
        with Model(self._built, clocks=self.clocks) as model:
            for number in range(len(spikes)):
                part = self._part(spikes[number : number + 1], number)
                responses = [*_until_wrong(self._sample(model, part, first=number == 0))]
                first = responses[0].reset_marks[0].produced["output"] if number == 0 else 0
                received = np.concatenate([one.outputs["output"] for one in responses])[first:]
                trace, found = trace_of(part.mapped, part.spikes, part.marks, received)
                traces.append(trace)
                problems += [*found, *counted(responses[-1])]
                problems += [problem for one in responses for problem in one.problems]
                cycles += sum(one.cycles for one in responses)
                if problems:
                    break
                self._switch_off(model, part)
        return LevelRun(self.name, concatenate(traces), tuple(problems), cycles, 0.0)

    def _sample(self, model: Model, part: Part, first: bool) -> Iterator[Response]:
        """From on, in reset or after it was off, to when nothing moves any more."""
        setup, silence = part.setup, longest_silence(part.mapped) * part.setup.slower
        reset: dict[str, Any] = {"resets": (0,), "reset_length": RESET} if first else {}
        loads = setup.loads if first or self.loads else {}
        yield model.run(Job(loads, levels=setup.levels, drain=setup.settles, **reset))
        for events in self._some(host_events(part.mapped, part.spikes, part.marks)):
            yield model.run(Job(levels=self._rates_from(0), drain=int(self.random.integers(1, 100))))
            rates = self._rates_from(1)
            yield model.run(Job({"input": events}, levels=rates, stalls=part.stalls, drain=0))
        yield model.run(Job(levels=controls(self.package), drain=silence))

    def _some(self, events: Records) -> list[Records]:
        cuts = np.flatnonzero(self.random.random(len(events)) < 1 / AT_ONCE)
        return np.split(events, cuts)

    def _rates_from(self, least: int) -> Mapping[str, Mapping[str, int]]:
        drawn = self.random.integers(least, FULL_RATE + 1, len(self.package.dies))
        return controls(self.package, dict(zip(self.package.dies, map(int, drawn), strict=True)))

    def _switch_off(self, model: Model, part: Part) -> None:
        """All dies. Memories of a simulation keep what they hold, so zeros are loaded into them before."""
        zeros = {port: records.copy() for port, records in part.setup.loads.items()}
        for records in zeros.values():
            records["data"] = 0
        model.run(Job(zeros))
        done = model.run(Job(levels=controls(self.package, on=False), drain=64))
        self.switched += [int(done.final[f"{die}_gate_status"]["state"][0]) for die in self.package.dies]


def _until_wrong(responses: Iterator[Response]) -> Iterator[Response]:
    for response in responses:
        yield response
        if not response.ok:
            return


def run(level: OnDies, samples: int = 4) -> Cosimulation:
    levels: list[Any] = [Software("engine", NETWORK), level]
    with skipped_without_tools():
        return cosimulate(NETWORK, SPIKES[:samples], levels, shrink_seconds=0)


def test_dies_that_are_slow_stopped_and_off_agree_with_the_engine() -> None:
    level = Restless()
    result = run(level)
    assert result.agrees, (result.comparisons[0].run.problems, result.comparisons[0].divergence)
    assert result.neuron_spikes > 20
    assert level.switched == [State.OFF] * (2 * 4)


def test_control_what_was_off_has_to_be_loaded() -> None:
    assert not run(Restless(loads=False), 2).agrees


FORGETS_THE_QUEUE = Mutant(
    "a node is idle while marks wait in its queue", "fabric.node", " & (queue.level == 0)", ""
)
IDLE_WHILE_MOVING = Mutant("a router is idle while it looks up", "aer.router", "Cat(one.asks, ", "Cat(")


@pytest.mark.parametrize(
    ("broken", "detector"),
    [
        (LOST_WHEN_SLOW, Detector.TIMEOUT),
        (DOUBLED_WHEN_SLOW, Detector.TIMEOUT),
        (FORGETS_THE_QUEUE, Detector.ASSERTION),
        (IDLE_WHILE_MOVING, Detector.ASSERTION),
    ],
    ids=lambda given: getattr(given, "breaks", None),
)
def test_control_a_broken_die_is_noticed(broken: Mutant, detector: Detector, size: Any) -> None:
    if size.pick(True, False) and broken is not LOST_WHEN_SLOW:
        pytest.skip("tried with --size long")
    result = run(Restless(broken), 2)
    assert not result.agrees
    assert detector in {problem.detector for problem in result.comparisons[0].run.problems}


def test_dies_at_constant_rates_agree_with_the_engine() -> None:
    levels = [OnDies(NETWORK, machine(), throttle=rates) for rates in ({}, {"die0": 1, "die1": 11})]
    fast, slow = (run(level).comparisons[0] for level in levels)
    assert fast.agrees
    assert slow.agrees
    assert (slow.run.cycles or 0) > 4 * (fast.run.cycles or 0) > 0


@pytest.mark.parametrize("throttle", [{"die7": 8}, {"die0": 0}, {"die1": 17}])
def test_rates_that_no_die_has_are_refused(throttle: Mapping[str, int]) -> None:
    with pytest.raises(BadInput, match=r"the dies are die0, die1, and a clock runs in 1 … 16 cycles of 16"):
        OnDies(NETWORK, machine(), throttle=throttle)

"""The scoreboard: what went into the core goes through its reference, and what comes out must be the same."""

from __future__ import annotations

from collections import deque
from typing import Any

from pyuvm import uvm_scoreboard, uvm_subscriber

from spikelock.models.ports import Port, from_bits
from spikelock.testbenches.lockstep.stalls import NONE
from spikelock.testbenches.problem import Detector
from spikelock.testbenches.uvm.setup import Setup
from spikelock.testbenches.uvm.transactions import Transaction

Expected = tuple[tuple[int, ...], int | None]
"""A transaction the reference gave; and the cycle of its input, where it is the first that this input
caused.
"""


class Scoreboard(uvm_scoreboard):
    """Compares each output stream in order. Its exports, by stream and `reset`, are connected to the
    monitors.

    A reset returns the reference to its initial state, and what had gone in and not come out is not expected
    any more. Where nothing hinders the streams, the promised latency and interval are checked too.
    """

    setup: Setup

    def build_phase(self) -> None:
        self.given = self.setup.assignment
        core, params = self.given.core, self.given.params
        self.inputs, self.outputs = core.inputs(params), core.outputs(params)
        self.timing = self.given.timing if self._is_unhindered() else None
        self.seen: dict[str, list[Transaction]] = {name: [] for name in (*self.inputs, *self.outputs)}
        self.marks: list[tuple[int, dict[str, int]]] = []
        self._restart()
        self.exports = {name: self._export(name, self._input) for name in self.inputs}
        self.exports |= {name: self._export(name, self._output) for name in self.outputs}
        self.exports["reset"] = uvm_subscriber.uvm_AnalysisImp("reset", self, self._reset)

    def _export(self, name: str, handler: Any) -> Any:
        return uvm_subscriber.uvm_AnalysisImp(name, self, lambda transaction: handler(name, transaction))

    def _restart(self) -> None:
        given = self.given
        self.state = given.core.initial(given.params, given.configuration)
        self.accepted: dict[str, deque[Transaction]] = {name: deque() for name in self.inputs}
        self.expected: dict[str, deque[Expected]] = {name: deque() for name in self.outputs}
        self.produced: dict[str, deque[Transaction]] = {name: deque() for name in self.outputs}
        self.last_input: int | None = None

    def _is_unhindered(self) -> bool:
        job = self.setup.job
        stalls = {job.stall_of(stream) for stream in (*self.inputs, *self.outputs)}
        return not job.resets and stalls == {NONE}

    @property
    def settled(self) -> bool:
        """Nothing more is expected."""
        return not any(self.expected.values())

    @property
    def transactions(self) -> int:
        """How many have passed, on all streams."""
        return sum(map(len, self.seen.values()))

    @property
    def _detector(self) -> Detector:
        """What a divergence shows: once a reset has come, that it did not bring the core to its start."""
        return Detector.RESET if self.marks else Detector.SCOREBOARD

    def _input(self, name: str, transaction: Transaction) -> None:
        self.seen[name].append(transaction)
        self.accepted[name].append(transaction)
        given = self.given
        group = next(group for group in given.core.steps_from(given.params) if name in group)
        if not all(self.accepted[member] for member in group):
            return
        step = {member: self.accepted[member].popleft() for member in group}
        cycle = max(one.cycle for one in step.values())
        self._check_interval(cycle)
        values = [_tuple(port, step[n]) if n in step else None for n, port in self.inputs.items()]
        self.state, *outputs = given.core.reference(given.params, given.configuration, self.state, *values)
        for name, transactions in zip(self.outputs, outputs, strict=True):
            for index, row in enumerate(transactions):
                self.expected[name].append((tuple(map(int, row)), cycle if index == 0 else None))
            self._compare(name)

    def _output(self, name: str, transaction: Transaction) -> None:
        self.seen[name].append(transaction)
        self.produced[name].append(transaction)
        self._compare(name)

    def _compare(self, name: str) -> None:
        while self.expected[name] and self.produced[name]:
            (expected, caused_at), transaction = self.expected[name].popleft(), self.produced[name].popleft()
            actual = _tuple(self.outputs[name], transaction)
            if actual != expected:
                index = len(self.seen[name]) - 1 - len(self.produced[name])
                self.setup.report(
                    self._detector,
                    f"{name}: transaction {index}, at cycle {transaction.cycle}: "
                    f"{self._text(name, expected)} was expected, {self._text(name, actual)} came",
                )
            self._check_latency(name, caused_at, transaction.cycle)

    def _check_interval(self, cycle: int) -> None:
        promised = self.timing.interval if self.timing else None
        if promised is not None and self.last_input is not None and cycle - self.last_input != promised:
            self.setup.report(
                Detector.TIMING,
                f"an input was taken at cycle {cycle}, {cycle - self.last_input} after the one before; "
                f"an interval of {promised} is promised",
            )
        self.last_input = cycle

    def _check_latency(self, name: str, caused_at: int | None, cycle: int) -> None:
        promised = self.timing.latency if self.timing else None
        if promised is not None and caused_at is not None and cycle - caused_at != promised:
            self.setup.report(
                Detector.TIMING,
                f"{name}: cycle {cycle} answers the input of cycle {caused_at}; "
                f"a latency of {promised} is promised",
            )

    def _reset(self, cycle: int) -> None:
        self._report_unexpected(f"before the reset at cycle {cycle}")
        self.marks.append((cycle, {name: len(transactions) for name, transactions in self.seen.items()}))
        self._restart()

    def check_phase(self) -> None:
        self._report_unexpected("at the end")
        for name, expected in self.expected.items():
            if expected:
                self.setup.report(
                    self._detector,
                    f"{name}: {len(expected)} expected transactions never came, the first is "
                    f"{self._text(name, expected[0][0])}",
                )
        for name, accepted in self.accepted.items():
            if accepted:
                self.setup.report(
                    Detector.SCOREBOARD,
                    f"{name}: {len(accepted)} transactions have no partner on another input",
                )

    def _report_unexpected(self, when: str) -> None:
        for name, produced in self.produced.items():
            if produced:
                first = self._text(name, _tuple(self.outputs[name], produced[0]))
                self.setup.report(
                    self._detector,
                    f"{name}: {len(produced)} more transactions than expected {when}, "
                    f"the first is {first} at cycle {produced[0].cycle}",
                )

    def _text(self, name: str, values: tuple[int, ...]) -> str:
        return ", ".join(
            f"{field} {value}" for field, value in zip(self.outputs[name].fields, values, strict=True)
        )


def _tuple(port: Port, transaction: Transaction) -> tuple[int, ...]:
    row: tuple[int, ...] = from_bits(port, [transaction.bits])[0].item()
    return row

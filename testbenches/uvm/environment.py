"""The environment of a core, made from its declared ports alone, and the test that plays a job in it."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.triggers import RisingEdge
from pyuvm import ConfigDB, uvm_env, uvm_test

from spikelock.models.ports import load_records, to_bits
from spikelock.testbenches.lockstep.job import Job
from spikelock.testbenches.lockstep.stalls import NONE
from spikelock.testbenches.problem import Detector
from spikelock.testbenches.uvm.agents import Pins, StreamAgent, StreamSettings
from spikelock.testbenches.uvm.assignment import Assignment
from spikelock.testbenches.uvm.clocking import Clocking, ResetDriver
from spikelock.testbenches.uvm.coverage import HandshakeCoverage
from spikelock.testbenches.uvm.scoreboard import Scoreboard
from spikelock.testbenches.uvm.sequences import RecordedSequence
from spikelock.testbenches.uvm.setup import Setup

MOST_PROBLEMS = 10
"""A run ends early after so many."""


class Environment(uvm_env):
    """An agent and handshake coverage for each stream, the reset, and a scoreboard over them all."""

    def build_phase(self) -> None:
        setup: Setup = self.cdb_get("setup")
        core, params = setup.assignment.core, setup.assignment.params
        inputs, outputs = core.inputs(params), core.outputs(params)
        self.reset = ResetDriver("reset", self)
        self.reset.clocking = setup.clocking
        self.scoreboard = Scoreboard("scoreboard", self)
        self.scoreboard.setup = setup
        self.agents = {name: self._agent(name, "input", setup) for name in inputs}
        self.agents |= {name: self._agent(name, "output", setup) for name in outputs}
        self.coverage = {name: HandshakeCoverage(name, self) for name in self.agents}
        self.loader = self._agent("load", "input", setup) if "load" in core.pins(params) else None

    def _agent(self, name: str, direction: str, setup: Setup) -> StreamAgent:
        loads = name == "load"
        agent = StreamAgent(f"{name}_agent", self)
        agent.settings = StreamSettings(
            name=name,
            direction=direction,
            pins=Pins.of(setup.dut, name),
            clocking=setup.clocking,
            stall=NONE if loads else setup.job.stall_of(name),
            seed=setup.job.seed,
            four_state=setup.assignment.four_state,
            problems=setup.problems,
            from_power_up=loads,
        )
        return agent

    def connect_phase(self) -> None:
        for name, agent in self.agents.items():
            agent.monitor.passed.connect(self.scoreboard.exports[name])
            agent.monitor.passed.connect(self.coverage[name].analysis_export)
        self.reset.began.connect(self.scoreboard.exports["reset"])


class CoreTest(uvm_test):
    """Sets the registers, loads the memories, plays the stimulus, and waits until all has come out and it is
    quiet.
    """

    def build_phase(self) -> None:
        self.setup: Setup = self.cdb_get("setup")
        self.env = Environment("env", self)

    async def run_phase(self) -> None:
        self.raise_objection()
        assignment, clocking = self.setup.assignment, self.setup.clocking
        core, params, configuration = assignment.core, assignment.params, assignment.configuration
        pins = core.pins(params)
        if "registers" in pins:
            values = pins["registers"].records(
                **{name: [value] for name, value in configuration.registers.items()}
            )
            self.setup.dut.registers.value = to_bits(pins["registers"], values)[0]
        await clocking.powered.wait()
        if self.env.loader is not None:
            contents = load_records(core.memories(params), configuration.memories)
            await RecordedSequence(pins["load"], contents).start(self.env.loader.sequencer)
        clocking.start()
        sequences = {
            name: RecordedSequence(pins[name], self.setup.job.inputs[name]) for name in core.inputs(params)
        }
        sending = [
            cocotb.start_soon(sequence.start(self.env.agents[name].sequencer))
            for name, sequence in sequences.items()
        ]
        await self._until_complete(sending)
        self.drop_objection()

    async def _until_complete(self, sending: list[Any]) -> None:
        """Waits until all has come out and it was quiet, or it hangs, or enough is known to be wrong."""
        job, clocking, scoreboard = self.setup.job, self.setup.clocking, self.env.scoreboard
        last_reset = max(job.resets, default=-1)
        quiet, before = 0, 0
        while len(self.setup.problems) < MOST_PROBLEMS:
            await RisingEdge(clocking.clk)
            quiet = quiet + 1 if scoreboard.transactions == before else 0
            before = scoreboard.transactions
            sent = all(task.done() for task in sending)
            if sent and scoreboard.settled:
                if quiet >= job.drain and clocking.cycle > last_reset:
                    return
            elif quiet >= job.patience:
                waiting = "outputs" if sent else "an input to be accepted"
                self.setup.report(
                    Detector.TIMEOUT, f"hung: {quiet} cycles without a transaction, waiting for {waiting}"
                )
                return


def set_up(dut: Any, assignment: Assignment, job: Job) -> Setup:
    """Puts a new setup in the configuration database."""
    setup = Setup(dut, assignment, job, Clocking(dut, job.resets, job.reset_length))
    ConfigDB().set(None, "*", "setup", setup)
    return setup

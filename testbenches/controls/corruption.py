"""Corruptions of one side of a comparison, at any level.

A corruption flips one bit of one transaction of a stream, of a register, or of a word that is loaded; or it
drops or duplicates one transaction of an output. Of all bits there are, the first is taken that changes what
the reference gives: so it must be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from spikelock.models.compare import compare
from spikelock.models.core import Configuration, run_reference
from spikelock.models.ports import Layout, Port, Records, load_port, load_records
from spikelock.testbenches.trial import Trial

Site = Literal["stimulus", "registers", "memories", "expected"]
Act = Literal["flip", "drop", "duplicate"]

TRIED = 64
"""Transactions, or words, whose bits are tried until one matters."""


@dataclass(frozen=True)
class Corruption:
    """site: what is corrupted. port: the stream, or `registers`, or `load`. index: of the transaction.

    bit: of its payload, for a flip.
    """

    site: Site
    act: Act
    port: str
    index: int = 0
    bit: int = 0

    def __str__(self) -> str:
        what = f"bit {self.bit} of " if self.act == "flip" else ""
        of = f"transaction {self.index} of " if self.port != "registers" else ""
        return f"{self.site}: {self.act} {what}{of}{self.port}"


def corruptions(trial: Trial) -> Iterator[Corruption]:
    """One of each kind that the core knows, each of which changes what the reference gives."""
    for port, records in trial.expected.items():
        if len(records):
            middle = len(records) // 2
            yield Corruption("expected", "flip", port, middle)
            yield Corruption("expected", "drop", port, middle)
            yield Corruption("expected", "duplicate", port, middle)
    for site in ("stimulus", "registers", "memories"):
        if found := next(filter(lambda one: _matters(trial, one), _candidates(trial, site)), None):
            yield found


def corrupted_expectation(trial: Trial, corruption: Corruption) -> Mapping[str, Records]:
    """What the reference gives where one side has the corruption and the other has not."""
    core, params = trial.bench.core, trial.params
    outputs = core.outputs(params)
    if corruption.site == "expected":
        port = corruption.port
        return {**trial.expected, port: _act(outputs[port], trial.expected[port], corruption)}
    inputs, configuration = trial.inputs, trial.configuration
    if corruption.site == "stimulus":
        port = corruption.port
        inputs = {**inputs, port: _act(core.inputs(params)[port], inputs[port], corruption)}
    else:
        configuration = _configured(trial, corruption)
    return run_reference(core, params, configuration, inputs)[1]


def _candidates(trial: Trial, site: str) -> Iterator[Corruption]:
    core, params = trial.bench.core, trial.params
    pins = core.pins(params)
    if site == "stimulus":
        for port, records in trial.inputs.items():
            for index in range(min(TRIED, len(records))):
                for bit in range(pins[port].width):
                    yield Corruption("stimulus", "flip", port, index, bit)
    elif site == "registers" and "registers" in pins:
        for bit in range(pins["registers"].width):
            yield Corruption("registers", "flip", "registers", 0, bit)
    elif site == "memories" and "load" in pins:
        words = load_records(core.memories(params), trial.configuration.memories)
        widths = [memory.layout.width for memory in core.memories(params).values()]
        start = _data_offset(load_port(core.memories(params)))
        for index in range(min(16 * TRIED, len(words))):
            for bit in range(widths[int(words["memory"][index])]):
                yield Corruption("memories", "flip", "load", index, start + bit)


def _data_offset(port: Port) -> int:
    return port.fields["memory"].width + port.fields["address"].width


def _matters(trial: Trial, corruption: Corruption) -> bool:
    try:
        changed = corrupted_expectation(trial, corruption)
    except (ValueError, IndexError, KeyError):  # such a memory means nothing: the reference cannot follow it
        return False
    if not any(map(len, changed.values())):  # nothing would be compared at all
        return False
    return not compare(trial.expected, changed).agrees


def _configured(trial: Trial, corruption: Corruption) -> Configuration:
    """The configuration with a register's, or a memory's, bit flipped."""
    core, params, configuration = trial.bench.core, trial.params, trial.configuration
    if corruption.site == "registers":
        port = core.pins(params)["registers"]
        one = port.records(**{name: [value] for name, value in configuration.registers.items()})
        flipped = flip(port, one, 0, corruption.bit)
        return replace(configuration, registers={name: int(flipped[name][0]) for name in port.fields})
    memories = core.memories(params)
    words = load_records(memories, configuration.memories)[corruption.index]
    name = list(memories)[int(words["memory"])]
    bit = corruption.bit - _data_offset(load_port(memories))
    contents = flip(memories[name].layout, configuration.memories[name], int(words["address"]), bit)
    return replace(configuration, memories={**configuration.memories, name: contents})


def _act(port: Port, records: Records, corruption: Corruption) -> Records:
    index = corruption.index
    if corruption.act == "flip":
        return flip(port, records, index, corruption.bit)
    if corruption.act == "drop":
        return np.delete(records, index)
    return np.insert(records, index, records[index])


def flip(layout: Layout, records: Records, index: int, bit: int) -> Records:
    """Records with one bit of one of them flipped."""
    words = layout.pack(records)
    words[index, bit // 64] ^= np.uint64(1 << bit % 64)
    return layout.unpack(words)

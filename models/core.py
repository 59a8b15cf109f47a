"""The spine: what a core is, and how it is found by its name.

A core named `neurons.lif` has its specification in `models/neurons/lif.py`, its vectorised engine in
`models/engine/neurons/lif.py`, its hardware in `rtl/neurons/lif.py`, its bench in
`testbenches/neurons/test_lif.py`, its proof in `formal/neurons/lif.py` and its page in
`docs/cores/neurons/lif.md`. There is no registry: the name is the binding.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from spikelock.models.errors import BadInput
from spikelock.models.ports import Memory, MemoryMap, Port, Records, RegisterMap, load_port

NOT_FAMILIES = {"engine", "network", "package"}
"""Sub-packages of `models` that hold no core specifications."""


@dataclass(frozen=True)
class Timing:
    """Cycle timing a core promises while nothing stalls; None where it depends on the data.

    latency: cycles from the edge that accepts an input to the edge at which its (first) output can pass.
    interval: cycles between two inputs accepted back to back.
    """

    latency: int | None
    interval: int | None


@dataclass(frozen=True)
class Configuration:
    """What a host has set in a core: register values and memory contents (records of the memory's layout)."""

    registers: Mapping[str, int] = field(default_factory=dict)
    memories: Mapping[str, Records] = field(default_factory=dict)


def _no_registers(params: Any) -> RegisterMap:
    return {}


def _no_memories(params: Any) -> MemoryMap:
    return {}


@dataclass(frozen=True)
class Core:
    """A core's specification. Every callable takes the core's `params` object first.

    reference: `(params, configuration, state, *inputs) -> (state, *outputs)`. Exact Python integers. One step
        takes one transaction (a tuple in field order) from each input stream, in the order of `inputs`, and
        gives, for each output stream, a list of transactions (tuples in field order), which may be empty.
    groups: `(params) ->` groups of input streams, where there are several that do not wait for each other. A
        step then takes from the streams of one group, and gets None for the others. What passes on an output
        must not depend on which group is ahead: stimuli see to that where the specification does not.
    initial: `(params, configuration) -> state`, the state after reset.
    """

    name: str
    params: type
    inputs: Callable[[Any], Mapping[str, Port]]
    outputs: Callable[[Any], Mapping[str, Port]]
    initial: Callable[[Any, Configuration], Any]
    reference: Callable[..., tuple[Any, ...]]
    timing: Callable[[Any], Timing]
    registers: Callable[[Any], RegisterMap] = _no_registers
    memories: Callable[[Any], MemoryMap] = _no_memories
    groups: Callable[[Any], tuple[tuple[str, ...], ...]] | None = None

    def steps_from(self, params: Any) -> tuple[tuple[str, ...], ...]:
        """The groups of input streams: each step takes one transaction from every stream of one group."""
        return self.groups(params) if self.groups else (tuple(self.inputs(params)),)

    def pins(self, params: Any) -> dict[str, Port]:
        """Every input of the hardware: the declared ones, and what a host sets.

        That is `registers`, a level with one field per register, where there are registers, and the stream
        `load` where there are memories.
        """
        pins = dict(self.inputs(params))
        if registers := self.registers(params):
            pins["registers"] = Port({name: r.q for name, r in registers.items()}, kind="level")
        if memories := self.memories(params):
            pins["load"] = load_port(memories)
        return pins

    def configuration(
        self,
        params: Any,
        registers: Mapping[str, int] | None = None,
        memories: Mapping[str, Records] | None = None,
    ) -> Configuration:
        """Reset values of the registers with some replaced, and memory contents padded with zeros; checked.

        Raises BadInput for an unknown register or memory, RangeError for a value that does not fit.
        """
        known, stores = self.registers(params), self.memories(params)
        for name, value in (registers or {}).items():
            if name not in known:
                raise BadInput(f"{self.name} has no register {name!r}; it has: {', '.join(known) or 'none'}")
            type(known[name])(known[name].q, int(value), known[name].doc)
        for name, records in (memories or {}).items():
            if name not in stores:
                raise BadInput(f"{self.name} has no memory {name!r}; it has: {', '.join(stores) or 'none'}")
            if len(records) > stores[name].depth:
                raise BadInput(f"memory {name} holds {stores[name].depth} records; {len(records)} were given")
        values = {name: register.reset for name, register in known.items()} | dict(registers or {})
        return Configuration(
            values, {name: _padded(stores[name], (memories or {}).get(name)) for name in stores}
        )


def _padded(memory: Memory, records: Records | None) -> Records:
    whole = np.zeros(memory.depth, memory.layout.dtype)
    if records is not None:
        whole[: len(records)] = records
    return whole


def run_reference(
    core: Core, params: Any, configuration: Configuration, inputs: Mapping[str, Records], state: Any = None
) -> tuple[Any, dict[str, Records]]:
    """Folds the reference over whole streams: returns the last state and, for each output, its records."""
    if state is None:
        state = core.initial(params, configuration)
    outputs = core.outputs(params)
    rows: dict[str, list[tuple[int, ...]]] = {name: [] for name in outputs}
    for group in core.steps_from(params):
        for transactions in zip(*(inputs[name].tolist() for name in group), strict=True):
            taken = dict(zip(group, transactions, strict=True))
            step = [taken.get(name) for name in core.inputs(params)]
            state, *produced = core.reference(params, configuration, state, *step)
            for name, some in zip(outputs, produced, strict=True):
                rows[name].extend(some)
    return state, {name: port.from_tuples(rows[name]) for name, port in outputs.items()}


def all_cores() -> Iterator[Core]:
    """Every core of the package, by name."""
    models = importlib.import_module("spikelock.models")
    for family in sorted(m.name for m in pkgutil.iter_modules(models.__path__) if m.ispkg):
        if family in NOT_FAMILIES:
            continue
        package = importlib.import_module(f"spikelock.models.{family}")
        for name in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
            module = importlib.import_module(f"spikelock.models.{family}.{name}")
            if hasattr(module, "CORE"):
                yield module.CORE


def find_core(name: str) -> Core:
    """The core of that name. Raises BadInput, naming the cores there are, or those of the family."""
    others = []
    for core in all_cores():
        if core.name == name:
            return core
        others.append(core.name)
    if own := [other for other in others if _family(other) == name]:
        raise BadInput(f"{name} is a family of cores, and one core is needed here: {', '.join(own)}")
    raise BadInput(f"no core is called {name!r}; there are: {', '.join(others)}")


def find_cores(names: Sequence[str]) -> list[Core]:
    """The cores of these names, each once. The name of a family, such as `neurons`, stands for all its cores.

    Raises BadInput, naming the cores and families there are.
    """
    cores = {core.name: core for core in all_cores()}
    families = list(dict.fromkeys(map(_family, cores)))
    for name in names:
        if name not in cores and name not in families:
            raise BadInput(
                f"no core or family of cores is called {name!r}; families: {', '.join(families)}; "
                f"cores: {', '.join(cores)}"
            )
    found = {core: cores[core] for name in names for core in cores if name in (core, _family(core))}
    return list(found.values())


def _family(core: str) -> str:
    return core.partition(".")[0]


def twin(core_name: str, folder: str) -> ModuleType:
    """The module that embodies a core in another folder.

    `twin("neurons.lif", "rtl")` is `spikelock.rtl.neurons.lif`.
    """
    return importlib.import_module(_twin_name(core_name, folder))


def has_twin(core_name: str, folder: str) -> bool:
    """Whether there is such a module; it is not imported."""
    try:
        return importlib.util.find_spec(_twin_name(core_name, folder)) is not None
    except ModuleNotFoundError:  # not even its family is there
        return False


def _twin_name(core_name: str, folder: str) -> str:
    family, _, leaf = core_name.rpartition(".")
    leaf = f"test_{leaf}" if folder == "testbenches" else leaf
    return f"spikelock.{folder}.{family}.{leaf}"

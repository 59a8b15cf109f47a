"""Traffic of a pattern through a mesh of routers in Verilator, and when each copy of each event arrives."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from spikelock.models.errors import SpikelockError
from spikelock.models.fabric.tile import Kind
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.hardware import table_records
from spikelock.models.network.mapping.loads import Channel
from spikelock.models.network.mapping.machine import Machine
from spikelock.models.network.noc.curves import Curve, injections, measure
from spikelock.models.network.noc.patterns import Pattern
from spikelock.models.network.noc.queues import Delivered, Injected
from spikelock.models.ports import Records, load_records
from spikelock.testbenches.lockstep import Job, Model, Response, build


class RouterMesh:
    """The routers of a machine, built once for all patterns. queue: of each output of a router."""

    def __init__(self, machine: Machine, queue: int = 4) -> None:
        from . import routers

        self.params = routers.Params(machine, queue)
        self._names = {door: routers.name(door) for door in self.params.doors}
        self._ports = routers.inputs(self.params)
        self._built = build(routers.Routers(self.params), self._ports, routers.outputs(self.params))

    def run(self, pattern: Pattern, injected: Injected) -> Delivered:
        """What `simulate` gives, of the hardware: event i is sent at its cycle, or when there is room.

        Raises SpikelockError where a copy is missing, or comes twice, or somewhere else; where a router drops
        an event; and where a stream is broken.
        """
        wanted = _copies(pattern, injected)
        counts = {f"output{name}": len(wanted.get(door, [])) for door, name in self._names.items()}
        levels = {"now": self._ports["now"].records(np.arange(int(injected.cycles.max(initial=0)) + 1))}
        job = Job(self._sent(pattern, injected), counts=counts, levels=levels, stamps=True)
        with Model(self._built) as model:
            model.run(self._loads(pattern))
            response = model.run(job)
        self._require_sound(response, wanted)
        outputs = [f"output{name}" for name in self._names.values()]
        return Delivered(
            np.concatenate([response.outputs[name]["payload"] for name in outputs]),
            np.concatenate([response.produced_at[name] for name in outputs]).astype(np.int64),
        )

    def curve(
        self,
        pattern: Pattern,
        rates: Iterable[float],
        cycles: int = 4000,
        warm_up: int = 500,
        seed: int = 0,
    ) -> Curve:
        """As `curves.curve`, measured."""
        points = []
        for rate in rates:
            injected = injections(pattern, rate, cycles, seed)
            points.append(measure(pattern, injected, self.run(pattern, injected), rate, cycles, warm_up))
        return Curve(pattern.name, "rtl", tuple(points))

    def _loads(self, pattern: Pattern) -> Job:
        """Tables and turns of all routers. No marks are sent, so no turn is waited for."""
        tables, levels, loads = pattern.tables(), {"now": {"cycle": 0}}, {}
        for node, sizes in enumerate(self.params.routers):
            records = table_records(sizes.table["table"].layout, tables[node])
            loads[f"load{node}"] = load_records(sizes.table, {"table": records})
            turns = dict.fromkeys((f"turns{port}" for port in range(sizes.ports)), 0)
            for source, target in pattern.turns[node]:
                turns[f"turns{source}"] |= 1 << target
            levels[f"registers{node}"] = {**turns, "dead": 0}
        return Job(loads, levels=levels)

    def _sent(self, pattern: Pattern, injected: Injected) -> dict[str, Records]:
        """By input: the events of a door, with their numbers, and the cycle before which none is sent."""
        keys = np.array([flow.key for flow in pattern.flows])
        entered = np.array([self.params.doors.index((flow.node, flow.door)) for flow in pattern.flows])
        found = {}
        for number, name in enumerate(self._names.values()):
            own = np.flatnonzero(entered[injected.flows] == number)
            found[f"input{name}"] = self._ports[f"input{name}"].records(
                kind=np.full(len(own), Kind.SPIKE),
                address=keys[injected.flows[own]],
                payload=own,
                cycle=injected.cycles[own],
            )
        return found

    def _require_sound(self, response: Response, wanted: dict[Channel, Ints]) -> None:
        problems = [str(problem) for problem in response.problems]
        for door, name in self._names.items():
            came = np.sort(response.outputs[f"output{name}"]["payload"])
            if not np.array_equal(came, wanted.get(door, [])):
                problems.append(f"output{name}: other events came than those that are sent there")
        for port, counted in response.final.items():
            problems += [
                f"{port}: {name} is {counted[name][0]}"
                for name in counted.dtype.names or ()
                if counted[name][0]
            ]
        if problems:
            raise SpikelockError(f"the routers are at fault: {'; '.join(problems)}")


def _copies(pattern: Pattern, injected: Injected) -> dict[Channel, Ints]:
    """By destination: the numbers of the events of which a copy arrives there, rising."""
    found: dict[Channel, list[int]] = {}
    for number, flow in enumerate(pattern.flows):
        for node, ports in flow.tree.items():
            for port in ports:
                if (node, port) not in pattern.machine.links:
                    found.setdefault((node, port), []).append(number)
    return {door: np.flatnonzero(np.isin(injected.flows, flows)) for door, flows in found.items()}

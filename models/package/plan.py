"""A network on a package: which part on which die, ways of its events, energy, utilisation, temperatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput
from spikelock.models.fabric import tile
from spikelock.models.fixed import Ints
from spikelock.models.network.mapping.partition import Part, connections, cut, owners, traffic
from spikelock.models.network.mapping.placement import BRIDGE, place_by
from spikelock.models.network.program import Program

from .energy import Constants, Counts, utilisation
from .routing import Demand, Routes, circle_of, route
from .thermal import Floats, Material, Network, network_of
from .topology import Die, Link, Package


@dataclass(frozen=True, eq=False)
class Plan:
    """parts: without the inputs. dies: of each part. counts: by die, of the whole run.

    samples, ticks: of that run. shortest: routes that heed no congestion, to compare with.
    """

    package: Package
    program: Program
    parts: tuple[Part, ...]
    dies: tuple[Die, ...]
    demands: tuple[Demand, ...]
    routes: Routes
    shortest: Routes
    counts: tuple[Counts, ...]
    samples: int
    ticks: int
    constants: Constants
    thermal: Network

    @property
    def energy(self) -> float:
        """J an inference, which is a sample, without what idle dies take."""
        together = sum(self.counts, Counts()).picojoules(self.constants)
        return sum(together.values()) * 1e-12 / self.samples

    def powers(self, rate: float) -> list[float]:
        """W of each die at so many inferences a second."""
        each = (sum(one.picojoules(self.constants).values()) * 1e-12 / self.samples for one in self.counts)
        return [self.constants.idle + rate * joules for joules in each]

    def utilisations(self, rate: float) -> dict[Link, float]:
        """Of each bridge in each direction at so many inferences a second."""
        return {
            link: utilisation(events / self.samples, 1 / rate, self.package.clock_of(link[0]), self.constants)
            for link, events in self.routes.loads.items()
        }

    def highest_rate(self) -> float:
        """Inferences a second at which the busiest bridge is never idle; infinite where none is used."""
        most = max(self.utilisations(1.0).values(), default=0.0)
        return 1 / most if most else float("inf")

    def steady(self, rate: float) -> Floats:
        """°C of each die in the end."""
        return self.thermal.steady(self.powers(rate))[: self.package.dies]

    def transient(self, rate: float, seconds: Sequence[float]) -> Floats:
        """°C of each die from the moment it begins, shape (times, dies)."""
        return self.thermal.transient(self.powers(rate), seconds)[:, : self.package.dies]


def plan(
    program: Program,
    package: Package,
    raster: NDArray[np.bool_],
    neurons: int = 256,
    synapses: int = 65_536,
    constants: Constants | None = None,
    material: Material | None = None,
    seed: int = 0,
) -> Plan:
    """Plans a network by the spikes of a run. raster: all spikes, shape (samples, ticks, addresses).

    neurons, synapses: of a tile. Raises BadInput for a package that cannot hold the network, with what would;
    for bit streams; where dead bridges leave no way; MissingTool.
    """
    for population in program.populations:
        if not isinstance(population.params, tile.Params):
            raise BadInput(
                f"population {population.name} is of bit streams; a package holds tiles of exact sums: "
                "plan the program as it is before --arithmetic stochastic"
            )
    parts = cut(program, neurons, synapses)
    if len(parts) - 1 > package.slots:
        a_die = package.slots // package.dies
        raise BadInput(
            f"the network needs {len(parts) - 1} tiles; {package.dies} dies of {a_die} have {package.slots}: "
            f"{-(-(len(parts) - 1) // a_die)} such dies, or larger tiles, would do"
        )
    samples, ticks, _ = raster.shape
    spikes = raster.sum(axis=(0, 1), dtype=np.int64)
    hops = _hops(package)
    a_die = package.slots // package.dies
    slots = place_by(hops, package.host * a_die, traffic(program, parts, spikes), seed)
    dies = [slot // a_die for slot in slots]
    demands = _demands(program, parts, [package.host, *dies], spikes)
    routes, shortest = route(package, demands), route(package, demands, congestion=False)
    if circle := circle_of(package, routes):
        raise BadInput(f"these links would wait for each other in a circle: {circle}")
    counts = _counts(program, package, parts, [package.host, *dies], demands, routes, spikes, samples * ticks)
    return Plan(
        package,
        program,
        tuple(parts[1:]),
        tuple(dies),
        demands,
        routes,
        shortest,
        counts,
        samples,
        ticks,
        constants or Constants(),
        network_of(package, material),
    )


def _hops(package: Package) -> Ints:
    """Between tiles: steps in a die, and bridges, which count as more."""
    wide, high = package.tiles
    far = np.full((package.dies, package.dies), package.dies + 1)
    np.fill_diagonal(far, 0)
    for a, b in package.links:
        far[a, b] = 1
    for middle in range(package.dies):
        far = np.minimum(far, far[:, middle, np.newaxis] + far[np.newaxis, middle])
    slot = np.arange(package.slots)
    die, x, y = slot // (wide * high), slot % wide, slot // wide % high
    inside = np.abs(x[:, np.newaxis] - x) + np.abs(y[:, np.newaxis] - y)
    between = far[np.ix_(die, die)]
    return np.where(between, BRIDGE * between, inside)


def _demands(program: Program, parts: list[Part], dies: list[Die], spikes: Ints) -> tuple[Demand, ...]:
    """By part, the inputs first: what it sends, and to which other dies."""
    heard = traffic(program, parts) > 0
    owner = owners(program, parts)
    sent = np.bincount(owner, weights=spikes, minlength=len(parts)).astype(np.int64)
    return tuple(
        Demand(dies[index], frozenset(dies[o] for o in np.flatnonzero(row)) - {dies[index]}, int(sent[index]))
        for index, row in enumerate(heard)
    )


def _counts(
    program: Program,
    package: Package,
    parts: list[Part],
    dies: list[Die],
    demands: tuple[Demand, ...],
    routes: Routes,
    spikes: Ints,
    ticks: int,
) -> tuple[Counts, ...]:
    owner = owners(program, parts)
    synapses, updates = np.zeros(package.dies, np.int64), np.zeros(package.dies, np.int64)
    for population in program.populations:
        sources, targets, _ = connections(population)
        of_part = owner[population.params.axons + targets]
        np.add.at(synapses, np.array(dies)[of_part], spikes[sources])
    for part, die in zip(parts[1:], dies[1:], strict=True):
        updates[die] += len(part.neurons) * ticks
    bridged, hops = np.zeros(package.dies, np.int64), np.zeros(package.dies, np.int64)
    for (source, _), events in routes.loads.items():
        bridged[source] += events
    way = max(1, sum(package.tiles) // 2)  # half across a die, on average
    for demand, tree in zip(demands, routes.trees, strict=True):
        for die in {demand.source, *(there for _, there in tree)}:
            hops[die] += way * demand.events
    columns = (hops.tolist(), synapses.tolist(), updates.tolist(), bridged.tolist())
    return tuple(Counts(*row) for row in zip(*columns, strict=True))

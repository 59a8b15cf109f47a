"""Die temperatures: a network of heat capacities and conductances.

    C · dT/dt = P − G · T,   T above ambient

Nodes are the dies, a cell of the heat spreader over each, and the heat sink. Heat goes from a die through
half of its thickness and the interface material to its cell, sideways between cells that touch, down from
each cell to the sink, and from there to the air. G is symmetric, and each of its rows adds up to what goes to
the air, so heat is neither made nor lost:

    heat in = heat to the air + heat stored

The steady state solves G · T = P. The transient is exact: with C^(-1/2) G C^(-1/2) = V Λ Vᵀ, each mode decays
with its own eigenvalue.

Source: Skadron et al., "Temperature-aware microarchitecture: modeling and implementation", ACM TACO 1(1),
2004, of which this is the block model with one block a die.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikelock.models.errors import BadInput, MissingTool, SpikelockError

from .topology import Package

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Material:
    """Sizes in m, conductivities in W/(m K), capacities in J/(m³ K). Defaults: HotSpot 7, example.config; the
    side of a die, the gap, and a sink without a fan are assumptions.
    """

    side: float = 4e-3
    """Of a square die."""
    gap: float = 1e-3
    """Between dies."""
    die: float = 150e-6
    """Thickness of a die (HotSpot: t_chip)."""
    silicon: float = 130.0
    """Conductivity (HotSpot: k_chip)."""
    silicon_capacity: float = 1.6303e6
    """(HotSpot: p_chip)."""
    interface: float = 20e-6
    """Thickness of the interface material (HotSpot: t_interface)."""
    interface_conductivity: float = 4.0
    """(HotSpot: k_interface)."""
    spreader: float = 1e-3
    """Thickness of the spreader (HotSpot: t_spreader)."""
    copper: float = 400.0
    """Conductivity of spreader and sink (HotSpot: k_spreader, k_sink)."""
    copper_capacity: float = 3.55e6
    """(HotSpot: p_spreader, p_sink)."""
    air: float = 4.0
    """K/W from the sink to the air: a small sink without a fan. (HotSpot: r_convec = 0.1, with one.)"""
    sink_capacity: float = 140.4
    """J/K of sink and air (HotSpot: c_convec)."""
    ambient: float = 45.0
    """°C in the box (HotSpot: 318.15 K)."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            above = {"ambient": -273.15, "gap": -math.ulp(0.0)}.get(field.name, 0.0)
            if not above < value < math.inf:
                raise BadInput(f"{field.name} = {value}: a number above {above:g} is needed")


@dataclass(frozen=True, eq=False)
class Network:
    """conductances: G, shape (nodes, nodes). capacities: J/K. air: W/K from each node to the air. dies: how
    many of the nodes, the first ones, are dies.
    """

    conductances: Floats
    capacities: Floats
    air: Floats
    dies: int
    ambient: float

    def check(self) -> None:
        """Raises SpikelockError where heat would be made or lost."""
        matrix = self.conductances
        if not np.allclose(matrix, matrix.T, rtol=1e-12, atol=0):
            raise SpikelockError("the conductances are not symmetric: heat would go round for nothing")
        if not np.allclose(matrix.sum(axis=1), self.air, rtol=0, atol=1e-9 * float(np.abs(matrix).max())):
            raise SpikelockError("conductances do not add up to those to the air: heat would be made or lost")
        if not (self.capacities > 0).all() or not self.air.sum() > 0:
            raise SpikelockError("capacities, and a way to the air, must be above 0: nothing would be steady")

    def steady(self, power: Sequence[float]) -> Floats:
        """Temperature of every node in °C for the W of each die. Raises MissingTool without scipy."""
        self.check()
        return self.ambient + np.asarray(_linalg().solve(self.conductances, self._all(power), assume_a="pos"))

    def transient(
        self, power: Sequence[float], seconds: Sequence[float], start: Floats | None = None
    ) -> Floats:
        """Temperatures at some times in °C, shape (times, nodes). start: at 0 s, ambient if not given."""
        self.check()
        root = np.sqrt(self.capacities)
        rates, modes = _linalg().eigh(self.conductances / np.outer(root, root))
        end = self.steady(power)
        begin = np.full(len(end), self.ambient) if start is None else start
        amplitudes = modes.T @ ((begin - end) * root)
        decay = np.exp(-np.outer(np.asarray(seconds, np.float64), rates))
        return np.asarray(end + (decay * amplitudes) @ modes.T / root, np.float64)

    def slowest(self) -> float:
        """Seconds in which the slowest mode falls to 1/e."""
        self.check()
        root = np.sqrt(self.capacities)
        return 1 / float(_linalg().eigvalsh(self.conductances / np.outer(root, root))[0])

    def _all(self, power: Sequence[float]) -> Floats:
        if len(power) != self.dies:
            raise BadInput(f"{len(power)} powers for {self.dies} dies: one in W for each is needed")
        found = np.zeros(len(self.capacities))
        found[: self.dies] = power
        return found


def network_of(package: Package, material: Material | None = None) -> Network:
    """The network of a package: dies, then cells of the spreader, then the sink."""
    m, dies = material or Material(), package.dies
    area, pitch = m.side**2, m.side + m.gap
    cell = pitch**2
    sink = 2 * dies
    matrix = np.zeros((sink + 1, sink + 1))

    def join(a: int, b: int, conductance: float) -> None:
        matrix[a, b] -= conductance
        matrix[b, a] -= conductance
        matrix[a, a] += conductance
        matrix[b, b] += conductance

    to_cell = m.die / 2 / (m.silicon * area) + m.interface / (m.interface_conductivity * area)
    for die, (x, y) in enumerate(package.places):
        join(die, dies + die, 1 / to_cell)
        join(dies + die, sink, m.copper * cell / m.spreader)
        for other, (ox, oy) in enumerate(package.places[:die]):
            if abs(x - ox) + abs(y - oy) == 1:
                join(dies + die, dies + other, m.copper * m.spreader)  # as wide as it is long
    air = np.zeros(sink + 1)
    air[sink] = 1 / m.air
    matrix[sink, sink] += air[sink]
    capacities = np.array(
        [m.silicon_capacity * area * m.die] * dies
        + [m.copper_capacity * cell * m.spreader] * dies
        + [m.sink_capacity]
    )
    return Network(matrix, capacities, air, dies, m.ambient)


def _linalg() -> Any:
    try:
        from scipy import linalg
    except ImportError:
        raise MissingTool("scipy is not installed: pip install 'spikelock[mapping]'") from None
    return linalg

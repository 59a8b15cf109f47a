"""Pictures of mapped networks, of the network-on-chip model, and of packages."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spikelock.cli import map_pictures, package_pictures
from spikelock.cli.svg import GREY, Picture
from spikelock.models.engine import network as engine
from spikelock.models.network.compile import Options, compile_nir
from spikelock.models.network.mapping.loads import Loads, channel_loads
from spikelock.models.network.mapping.machine import Machine
from spikelock.models.network.mapping.mapped import Mapped, map_network
from spikelock.models.network.noc import patterns
from spikelock.models.network.noc.curves import Curve, curve, highest_rate, load_curves, saturation
from spikelock.models.network.program import Program
from spikelock.models.network.spikes_file import read_spikes
from spikelock.models.package.plan import Plan, plan
from spikelock.models.package.topology import Kind, Package

from .plot import COLOURS, Axis, Plot

DIGITS = Path(__file__).parents[1] / "examples" / "digits"
SAMPLES = 20

MEASURED = Path(__file__).with_name("noc_measured.json")
"""Curves of the RTL, which `docs.measure_noc` keeps; drawn as dots."""


@cache
def digits() -> tuple[Program, NDArray[np.bool_]]:
    """The digits network, and every spike of some samples."""
    program, _ = compile_nir(DIGITS / "digits.nir", Options())
    spikes, _ = read_spikes(DIGITS / "test.npz", program.inputs)
    return program, engine.run(program, spikes[:SAMPLES]).raster()


@cache
def mapped_digits(machine: Machine) -> tuple[Mapped, Loads]:
    """It, on a machine."""
    program, raster = digits()
    mapped = map_network(program, machine, raster.sum(axis=(0, 1), dtype=np.int64))
    return mapped, channel_loads(mapped, raster)


def placement() -> Picture:
    """Which neurons of the digits network go where on four dies."""
    return map_pictures.placement(mapped_digits(Machine(2, 2, dies=(2, 2), neurons=32))[0])


def traffic() -> Picture:
    """Events by link of the same."""
    return map_pictures.traffic(*mapped_digits(Machine(2, 2, dies=(2, 2), neurons=32)))


def noc_patterns() -> list[patterns.Pattern]:
    """The patterns of the plot, on one mesh; `docs.measure_noc` takes them from here."""
    machine = Machine(3, 3, neurons=16)
    mapped, loads = mapped_digits(machine)
    return [
        patterns.uniform(machine),
        patterns.neighbour(machine),
        patterns.hotspot(machine, hot=4),
        patterns.network(mapped, loads.sent),
    ]


def noc_rates(pattern: patterns.Pattern) -> list[float]:
    """Up to saturation, and a little more where the doors can send more."""
    most = min(1.2 * saturation(pattern), highest_rate(pattern))
    return [most * part / 16 for part in range(1, 17)]


@cache
def noc_models() -> list[tuple[patterns.Pattern, Curve]]:
    """Each pattern with what the model says of it."""
    return [(pattern, curve(pattern, noc_rates(pattern))) for pattern in noc_patterns()]


def noc_curves() -> Picture:
    """Latency and accepted events against those that are offered."""
    picture = Picture(980, 340, "a mesh of 3x3: latency, and what is accepted, by what is offered")
    loads = (0, 0.1, 0.2, 0.3, 0.4)
    offered = "offered, events a cycle and a door"
    latency = Plot(
        picture,
        60,
        40,
        320,
        230,
        Axis(offered, loads),
        Axis("mean latency, cycles", (5, 10, 20, 50, 100, 200, 500), True),
    )
    accepted = Plot(
        picture, 460, 40, 320, 230, Axis(offered, loads), Axis("accepted, events a cycle and a door", loads)
    )
    measured = load_curves(MEASURED)
    for (pattern, model), colour in zip(noc_models(), COLOURS, strict=False):
        points = model.points
        latency.curve([one.offered for one in points], [one.mean for one in points], colour)
        accepted.curve([one.offered for one in points], [one.accepted for one in points], colour)
        limit = saturation(pattern)
        accepted.curve((limit, limit), (0, loads[-1]), colour, "2 4")
        accepted.entry({"network": "digits network"}.get(pattern.name, pattern.name), colour)
        for one in measured:
            if one.pattern == pattern.name:
                latency.marks([p.offered for p in one.points], [p.mean for p in one.points], colour)
                accepted.marks([p.offered for p in one.points], [p.accepted for p in one.points], colour)
    accepted.entry("saturation", GREY, "2 4")
    accepted.entry("lines: the model", "white")
    accepted.entry("dots: the RTL", "white")
    return picture


@cache
def planned_digits() -> Plan:
    """The digits network on a mesh of six dies."""
    program, raster = digits()
    return plan(program, Package(Kind.MESH, 3, 2), raster, neurons=16)


def package_bridges() -> Picture:
    """Traffic and temperatures of it."""
    made = planned_digits()
    return package_pictures.bridges(made, made.steady(made.highest_rate() / 2).tolist())


def package_temperatures() -> Picture:
    """How its dies grow warm."""
    made = planned_digits()
    times = np.geomspace(1e-4, 5 * made.thermal.slowest(), 120)
    degrees = made.transient(made.highest_rate() / 2, times.tolist())
    return package_pictures.temperatures(times, degrees, made.thermal.ambient)


FIGURES: dict[str, Callable[[], Picture]] = {
    "map-placement.svg": placement,
    "map-traffic.svg": traffic,
    "noc-curves.svg": noc_curves,
    "package-bridges.svg": package_bridges,
    "package-temperatures.svg": package_temperatures,
}

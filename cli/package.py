"""`spikelock package`: a network on a package of dies: ways, energy, utilisation, temperatures."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from spikelock.models.chiplet import bridge
from spikelock.models.engine import network as engine
from spikelock.models.errors import BadInput
from spikelock.models.network.mapping.machine import Machine
from spikelock.models.package.energy import EVENT, Constants
from spikelock.models.package.plan import Plan, plan
from spikelock.models.package.report import report_of
from spikelock.models.package.thermal import Material
from spikelock.models.package.topology import Kind, Package

from .clocks import add_clocks, clocks_named, named
from .network import add_input, add_network, read_input, read_network
from .outcome import Outcome
from .package_pictures import bridges, temperatures
from .report_folder import write_report

NAME = "package"
HELP = "Plan a network on a package of dies: ways around congestion and cuts, energy, temperatures."
EXAMPLES = (
    "spikelock package examples/digits/digits.nir --kind ring --dies 4 --neurons 32 --input "
    "examples/digits/test.npz",
    "spikelock package network.nir --kind torus --dies 3x3 --tiles 2x2 --input spikes.npz --report build/p",
    "spikelock package network.nir --kind mesh --dies 2x2 --input spikes.npz --dead 0-1 --set bit=0.25 air=1",
)

TIMES = 200
"""Moments of a transient that are kept."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """NET, the package, --input, --rate and --report."""
    add_network(command)
    add_input(command)
    group = command.add_argument_group("the package")
    kinds = [kind.value for kind in Kind]
    group.add_argument("--kind", choices=kinds, required=True, help="how dies are joined")
    note = "how many; across and up of a mesh or torus"
    group.add_argument("--dies", metavar="N or WxH", required=True, help=note)
    group.add_argument("--tiles", metavar="WxH", default="1x1", help="tiles of a die (default 1x1)")
    for name in ("neurons", "synapses"):
        default = getattr(Machine, name)
        note = f"{name} that fit a tile (default {default})"
        group.add_argument(f"--{name}", type=int, metavar="N", default=default, help=note)
    note = "the die with the host's port (default 0)"
    group.add_argument("--host", type=int, metavar="DIE", default=0, help=note)
    note = "of data of a bridge, in each direction (default 8)"
    group.add_argument("--lanes", type=int, metavar="N", default=EVENT.lanes, help=note)
    note = "bridges that are not to be used"
    group.add_argument("--dead", metavar="A-B", nargs="+", default=[], help=note)
    note = "inferences a second (default: half of what the bridges carry)"
    group.add_argument("--rate", type=float, metavar="N", help=note)
    note = "other constants; the report names them"
    group.add_argument("--set", metavar="NAME=VALUE", nargs="+", default=[], help=note)
    note = "of the search for places (default 0)"
    group.add_argument("--seed", type=int, metavar="N", default=0, help=note)
    add_clocks(command)
    note = "write pictures and the report (JSON, Markdown, HTML) to DIR"
    command.add_argument("--report", metavar="DIR", help=note)


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Prints dies, bridges and cuts; writes the report."""
    package = _package(arguments)
    constants, material = _constants(arguments.set, replace(EVENT, lanes=arguments.lanes))
    for name in ("neurons", "synapses"):
        if getattr(arguments, name) < 1:
            raise BadInput(f"--{name} {getattr(arguments, name)}: a tile needs 1 or more")
    program, _ = read_network(arguments)
    spikes, _ = read_input(arguments, program)
    raster = engine.run(program, spikes).raster()
    made = plan(
        program, package, raster, arguments.neurons, arguments.synapses, constants, material, arguments.seed
    )
    rate = _rate(arguments.rate, made)
    report = report_of(made, rate)
    _print(screen, report)
    if arguments.report:
        times = _times(made)
        pictures = {
            "bridges": bridges(made, made.steady(rate).tolist()),
            "temperatures": temperatures(times, made.transient(rate, times.tolist()), made.thermal.ambient),
        }
        title = f"{arguments.network} on a {package.kind.value} of {package.dies} dies"
        written = write_report(arguments.report, title, report, pictures)
        screen.print("written: " + ", ".join(map(str, written)), soft_wrap=True)
    return Outcome(0, report)


def _times(made: Plan) -> Any:
    """From the fastest that a die follows to when all is steady."""
    return np.geomspace(1e-4, 5 * made.thermal.slowest(), TIMES)


def _rate(wanted: float | None, made: Plan) -> float:
    most = made.highest_rate()
    if wanted is None:
        return most / 2 if most != float("inf") else 1000.0
    if not 0 < wanted <= most:
        raise BadInput(
            f"--rate {wanted:g}: more than 0 and at most {most:.4g} inferences a second, which the bridges "
            "carry, are possible"
        )
    return wanted


def _package(arguments: argparse.Namespace) -> Package:
    across, up = _sizes(arguments.dies, "--dies")
    dead = set()
    for words in arguments.dead:
        found = re.fullmatch(r"(\d{1,4})-(\d{1,4})", words)
        if not found:
            raise BadInput(f"--dead {words}: two dies are needed, as in --dead 0-1")
        dead.add((int(found[1]), int(found[2])))
    return Package(
        Kind(arguments.kind),
        across,
        up,
        _sizes(arguments.tiles, "--tiles"),
        arguments.host,
        arguments.clock,
        clocks_named(arguments),
        frozenset(dead),
    )


def _sizes(words: str, option: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,3})(?:x(\d{1,3}))?", words)
    if not found:
        raise BadInput(
            f"{option} {words}: a number, or two with an x between, are needed, as in {option} 2x2"
        )
    return int(found[1]), int(found[2] or 1)


def _constants(settings: list[str], line: bridge.Params) -> tuple[Constants, Material]:
    values = dict(named(words, "--set bit=0.25") for words in settings)
    known = [field.name for owner in (Constants, Material) for field in fields(owner) if field.name != "line"]
    if unknown := sorted(set(values) - set(known)):
        raise BadInput(f"--set {unknown[0]}: no such constant; there are: {', '.join(known)}")
    of_energy = {field.name for field in fields(Constants)}
    return (
        Constants(**{name: value for name, value in values.items() if name in of_energy}, line=line),
        Material(**{name: value for name, value in values.items() if name not in of_energy}),
    )


def _print(screen: Console, report: Mapping[str, Any]) -> None:
    dies = Table("die", "holds", "mW", "°C")
    links = Table("bridge", "events", "utilisation")
    for column in (*dies.columns[2:], *links.columns[1:]):
        column.justify = "right"
    for one in report["dies"]:
        dies.add_row(str(one["die"]), one["holds"], f"{one['milliwatts']:.2f}", f"{one['degrees']:.2f}")
    for one in report["bridges"]:
        links.add_row(one["link"], f"{one['events']:,}", f"{one['utilisation']:.1%}")
    screen.print(dies)
    screen.print(links)
    energy, rate, ways = report["inference"], report["rate"], report["ways"]
    parts = ", ".join(
        f"{name.removeprefix('nanojoules_')} {value:.3g}"
        for name, value in energy.items()
        if name.startswith("nanojoules_")
    )
    screen.print(f"{energy['nanojoules']:.4g} nJ an inference: {parts}", soft_wrap=True)
    screen.print(
        f"{rate['inferences_a_second']:.4g} inferences a second: {rate['watts'] * 1e3:.4g} mW, at most "
        f"{rate['hottest_die_in_the_end']:.2f} °C, "
        f"steady after some {5 * rate['seconds_of_the_slowest_mode']:.0f} s",
        soft_wrap=True,
    )
    rerouted = [one for one in report["cuts"] if one["rerouted"]]
    screen.print(
        f"hottest link: {ways['events_on_the_hottest_link']:,} events, "
        f"{ways['without_heeding_congestion']:,} by shortest ways; {len(rerouted)} of {len(report['cuts'])} "
        f"cuts are routed around, with {max((one['hottest'] for one in rerouted), default=0):,} at most",
        soft_wrap=True,
    )
    for name in ways["bridges_that_must_not_fail"]:
        screen.print(f"bridge {name}: without it some dies are cut off")

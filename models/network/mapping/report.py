"""What became of a network on a machine, as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np

from .check import check
from .loads import Loads, channels_of, incidence
from .machine import LINKS, Machine, Node, Port
from .mapped import Mapped, Placed

MOST_RUNS = 6
"""Ranges of neurons that are named one by one."""


def report_of(mapped: Mapped, loads: Loads | None = None) -> dict[str, Any]:
    """The report as dictionaries, lists, strings and numbers. loads: of a run; None where there was none.
    `raw` has the neurons of each node, one by one.

    Checks everything first, and raises what `check` does.
    """
    checked = check(mapped)
    machine = mapped.machine
    return {
        "machine": {
            "mesh": f"{machine.width}x{machine.height}",
            "torus": machine.torus,
            "dies": "x".join(map(str, machine.dies)),
            "places_of_dies": [f"({x}, {y})" for x, y in machine.die_places],
            "host": name_of(machine, machine.host),
            "dead": [channel_name(machine, *link) for link in sorted(machine.dead)],
            "neurons_a_tile": machine.neurons,
            "synapses_a_tile": machine.synapses,
            "entries": machine.entries,
            "key_width": machine.key_width,
        },
        "checks": {
            "keys_followed": checked.keys,
            "compressed_compared": checked.compared,
            "channels_without_circle": len(channels_of(machine)),
        },
        "steps_a_tick": mapped.steps,
        "restart_key": f"{mapped.restart:#x}",
        "tiles": [_tile(mapped, one) for one in sorted(mapped.placed, key=lambda one: one.node)],
        "tables": [
            {
                "node": name_of(machine, node),
                "uncompressed": len(mapped.uncompressed[node]),
                "by_default": len(mapped.straight[node]),
                "entries": len(table),
                "fill": len(table) / machine.entries,
            }
            for node, table in mapped.tables.items()
        ],
        **_traffic(mapped, loads),
        "raw": {"neurons": {name_of(machine, one.node): one.part.neurons.tolist() for one in mapped.placed}},
    }


def name_of(machine: Machine, node: Node) -> str:
    """Column and row of a node."""
    return "({}, {})".format(*machine.place(node))


def channel_name(machine: Machine, node: Node, port: Port) -> str:
    """From where to where a channel leads."""
    there = name_of(machine, machine.links[node, port]) if (node, port) in machine.links else ""
    return f"{name_of(machine, node)} {port.name.lower()}" + (f" to {there}" if there else "")


def neurons_of(mapped: Mapped, one: Placed) -> str:
    """Name of the population, and ranges of the neurons; of many ranges, from where to where."""
    neurons = one.part.neurons
    runs = np.split(neurons, np.flatnonzero(np.diff(neurons) > 1) + 1)
    if len(runs) > MOST_RUNS:
        words = f"{len(neurons)} of {neurons[0]}…{neurons[-1]}"
    else:
        words = ", ".join(f"{run[0]}…{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
    return f"{mapped.program.populations[one.part.population].name} {words}"


def _tile(mapped: Mapped, one: Placed) -> dict[str, Any]:
    machine = mapped.machine
    synapses = int(one.configuration.memories["rows"]["length"].sum())
    return {
        "node": name_of(machine, one.node),
        "die": "({}, {})".format(*machine.die(one.node)),
        "neurons": neurons_of(mapped, one),
        "count": len(one.part.neurons),
        "synapses": synapses,
        "keys": f"{one.block.base:#x}…{one.block.base + len(one.part.neurons) - 1:#x}",
        "step": one.step,
    }


def _traffic(mapped: Mapped, loads: Loads | None) -> dict[str, Any]:
    machine = mapped.machine
    channels = channels_of(machine)
    ways = incidence(mapped).sum(axis=0).tolist()
    rows = []
    for index, (node, port) in enumerate(channels):
        if port not in LINKS:
            continue
        row: dict[str, Any] = {
            "link": channel_name(machine, node, port),
            "bridge": machine.is_bridge(node, port),
            "blocks": ways[index],
        }
        if loads is not None:
            row["events"] = int(loads.events[index])
            row["events_a_tick"] = int(loads.events[index]) / (loads.samples * loads.ticks)
            row["busiest_tick"] = int(loads.busiest[index])
        rows.append(row)
    if loads is None:
        return {"links": rows}
    hot = loads.hottest
    hops = sum(row["events"] for row in rows)
    return {
        "traffic": {
            "samples": loads.samples,
            "ticks": loads.ticks,
            "spikes": int(loads.sent.sum()),
            "hops": hops,
            "bridge_events": sum(row["events"] for row in rows if row["bridge"]),
            "hottest_link": channel_name(machine, *loads.channels[hot]) if rows else "none",
            "hottest_events": int(loads.events[hot]) if rows else 0,
            "hottest_busiest_tick": int(loads.busiest[hot]) if rows else 0,
        },
        "links": sorted(rows, key=lambda row: -row["events"]),
    }

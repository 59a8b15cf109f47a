"""A mapped network as files: of each die its hardware, its contents and its timing constraints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from spikelock.models.errors import BadInput
from spikelock.models.fabric import mesh
from spikelock.models.fabric.mesh import link_name
from spikelock.models.files import written_whole
from spikelock.models.network.mapping.hardware import hardware
from spikelock.models.network.mapping.mapped import Mapped
from spikelock.models.package.constraints import Constraints, Tool, of_die, of_package, written
from spikelock.models.package.dies import Params, loads, settings
from spikelock.models.ports import to_bits

from .report_folder import made_folder

TOP = "dies"


def write_hardware(folder: str, mapped: Mapped, clocks: Mapping[int, float], clock: float) -> list[str]:
    """Writes the files, and returns their names. clocks: in Hz, of single dies; clock: of all others.

    `die0.v` … and `dies.v`, where they are wired to each other; `die0.json` … with what is on each die;
    `die0.hex` … with what its port `load` is given before it runs, a line each; `.sdc` for OpenROAD and
    `.xdc` for Vivado. Raises BadInput for a machine of one die, and for clocks that it cannot have.
    """
    from spikelock.rtl.package.die import Die
    from spikelock.rtl.package.top import Package
    from spikelock.testbenches.lockstep.verilog import verilog

    whole, configuration = hardware(mapped)
    params = Params(whole)
    if unknown := sorted(clocks.keys() - set(range(len(params.dies)))):
        raise BadInput(f"--clock-of {unknown[0]}: the dies are 0 … {len(params.dies) - 1}")
    hertz = {name: clocks.get(number, clock) for number, name in enumerate(params.dies)}
    constraints = {name: of_die(params, name, hertz) for name in params.dies}
    texts = {}
    contents, values = loads(params, configuration), settings(params, configuration)
    for name, part in params.dies.items():
        domains = ["sync", *(f"line_{link_name(*link)}" for link in part.cut)]
        ports = mesh.CORE.pins(part)
        load = to_bits(ports["load"], contents[f"{name}_load"])
        registers = to_bits(ports["registers"], ports["registers"].records(**values[f"{name}_registers"]))
        what = {"die": name, "clock": hertz[name], **_what(mapped, params, name)}
        what |= {"registers": values[f"{name}_registers"], "registers_port": f"{registers[0]:#x}"}
        texts[f"{name}.v"] = verilog(Die(params, name), domains, name)
        texts[f"{name}.json"] = json.dumps(what, indent=2)
        texts[f"{name}.hex"] = "\n".join(f"{word:0{-(-ports['load'].width // 4)}x}" for word in load)
        texts |= _constraints(name, constraints[name])
    texts[f"{TOP}.v"] = verilog(Package(params), list(params.dies), TOP)
    texts |= _constraints(TOP, of_package(params, hertz))
    place = made_folder(folder)
    for file, text in texts.items():
        with written_whole(place / file) as out:
            out.write(f"{text.rstrip()}\n".encode())
    return list(texts)


def _constraints(name: str, constraints: Constraints) -> dict[str, str]:
    return {f"{name}.{tool.suffix}": written(constraints, tool) for tool in Tool}


def _what(mapped: Mapped, params: Params, name: str) -> dict[str, Any]:
    """The nodes, neurons and bridges of a die, and the routing tables there."""
    part = params.dies[name]
    populations = mapped.program.populations
    return {
        "nodes": part.here,
        "neurons": {
            str(one.node): {populations[one.part.population].name: one.part.neurons.tolist()}
            for one in mapped.placed
            if one.node in part.here
        },
        "bridges": {link_name(*link): params.die_of(part.joined[link]) for link in part.cut},
        "tables": {
            str(node): [
                {
                    "key": entry.key,
                    "mask": entry.mask,
                    "outputs": sorted(port.name.lower() for port in entry.outputs),
                }
                for entry in mapped.tables[node]
            ]
            for node in part.here
        },
    }

"""`spikelock generate`: a core as Verilog, with a description of its ports and registers."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

from rich.console import Console

from spikelock.models.core import Core, find_core, twin
from spikelock.models.errors import BadInput
from spikelock.models.fabric.chain import CORE as CHAIN
from spikelock.models.network.program_file import load_program

from .cores import describe
from .outcome import Outcome, write_json

NAME = "generate"
HELP = "Write a core as Verilog, and its ports, registers and memories as JSON."
EXAMPLES = (
    "spikelock generate neurons.lif -o build/lif",
    "spikelock generate neurons.lif -o lif --set width=24 --set overflow=wrap",
    "spikelock generate fabric.tile -o tile --set neurons=1024 --set axons=784 --set neuron.width=24",
    "spikelock generate fabric.chain -o digits --program digits.spikelock",
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """CORE, -o, --set and --program."""
    command.add_argument("core", metavar="CORE", help="name of the core, as 'spikelock cores' lists it")
    command.add_argument(
        "-o", "--output", metavar="DIR", required=True, help="folder to write to; made if missing"
    )
    command.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter; nested ones as neuron.width=24",
    )
    command.add_argument(
        "--program", metavar="FILE", help="for fabric.chain: sizes and memory contents of a compiled program"
    )


def run(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Writes <core>.v and <core>.json."""
    core = find_core(arguments.core)
    component, params = _component(core, arguments)
    from spikelock.testbenches.lockstep.verilog import verilog

    leaf = core.name.rpartition(".")[2]
    text = verilog(component, name=leaf)
    folder = Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    description = describe(core, params) | {
        "module": leaf,
        "params": dataclasses.asdict(params),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    (folder / f"{leaf}.v").write_text(text)
    write_json(str(folder / f"{leaf}.json"), json.loads(json.dumps(description, default=_plain)))
    screen.print(f"{folder / leaf}.v     module {leaf}, {len(text.splitlines())} lines")
    screen.print(f"{folder / leaf}.json  ports, registers and memories")
    return Outcome(0, {"files": [f"{folder / leaf}.v", f"{folder / leaf}.json"], **description})


def _component(core: Core, arguments: argparse.Namespace) -> tuple[Any, Any]:
    """The hardware to write, and its parameters."""
    make = twin(core.name, "rtl").component
    if arguments.program is None:
        params = with_settings(core.params(), arguments.set)
        return make(params), params
    if core.name != CHAIN.name or arguments.set:
        raise BadInput(
            f"--program sets up {CHAIN.name}, sizes and all: no --set, and no other core, goes with it"
        )
    program = load_program(arguments.program)
    return make(program.params, program.configuration.memories), program.params


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else str(value)


def with_settings(params: Any, settings: list[str]) -> Any:
    """`params` with NAME=VALUE settings applied. Raises BadInput for an unknown name or a wrong value."""
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise BadInput(f"--set {setting}: NAME=VALUE is needed, as in --set width=24")
        params = _replaced(params, name.split("."), value, setting)
    return params


def _replaced(params: Any, path: list[str], value: str, setting: str) -> Any:
    known = [f.name for f in dataclasses.fields(params)]
    if path[0] not in known:
        raise BadInput(f"--set {setting}: no parameter {path[0]!r}; there are: {', '.join(known)}")
    old = getattr(params, path[0])
    if dataclasses.is_dataclass(old) and len(path) > 1:
        new = _replaced(old, path[1:], value, setting)
    else:
        new = _parsed(get_type_hints(type(params))[path[0]], value, setting)
    return dataclasses.replace(params, **{path[0]: new})


def _parsed(kind: Any, value: str, setting: str) -> Any:
    if kind is bool and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind is str:
        return value
    if isinstance(kind, type) and issubclass(kind, Enum):
        for member in kind:
            if value == member.value:
                return member
        raise BadInput(f"--set {setting}: one of {', '.join(str(m.value) for m in kind)} is needed")
    if kind is int:
        try:
            return int(value, 0)
        except ValueError:
            raise BadInput(f"--set {setting}: an integer is needed, as 24 or 0x18") from None
    raise BadInput(
        f"--set {setting}: a {getattr(kind, '__name__', kind)} cannot be set here; set the fields in it"
    )

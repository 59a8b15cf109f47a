"""Options of commands that judge a Verilog module of the user's, in the place of a core."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from spikelock.models.core import find_core
from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole

from .outcome import Outcome

if TYPE_CHECKING:
    from spikelock.testbenches.own_verilog.judged import OwnVerilog


def add_arguments(command: argparse.ArgumentParser) -> None:
    """--verilog, --top, --as, --map."""
    group = command.add_argument_group("a Verilog module of your own, in the place of a core")
    group.add_argument("--verilog", metavar="FILE", nargs="+", help="its Verilog or SystemVerilog files")
    group.add_argument("--top", metavar="NAME", help="its name (default: that in the map)")
    group.add_argument("--as", metavar="CORE", dest="core", help="the core whose place it takes")
    group.add_argument("--map", metavar="FILE", help="which of its ports is what: TOML")


def add_draft_argument(command: argparse.ArgumentParser) -> None:
    """--draft-map."""
    command.add_argument(
        "--draft-map", action="store_true", help="only write a first map, guessed from the ports, to --map"
    )


def is_asked(arguments: argparse.Namespace) -> bool:
    """Whether a module is to be judged. Raises BadInput where options for it are missing."""
    drafting, cores = getattr(arguments, "draft_map", False), getattr(arguments, "cores", [])
    given = {"--verilog": arguments.verilog, "--as": arguments.core, "--map": arguments.map}
    given |= {"--top": arguments.top} if drafting else {}
    if not any((*given.values(), arguments.top, drafting)):
        return False
    for option, value in given.items():
        if not value:
            raise BadInput(
                f"{option} is missing: --verilog FILE… --top NAME --as neurons.lif --map map.toml are needed"
            )
    if cores:
        raise BadInput(f"{cores[0]}: --as {arguments.core} already says which core is meant")
    return True


def draft_map(arguments: argparse.Namespace, screen: Console) -> Outcome:
    """Writes a first map. Raises BadInput where there is one already, or the Verilog cannot be read."""
    from spikelock.testbenches.own_verilog.draft import draft
    from spikelock.testbenches.own_verilog.sources import read_sources

    path = Path(arguments.map)
    if path.exists():
        raise BadInput(f"--draft-map: {path} exists already; another name, or removing it, works")
    core = find_core(arguments.core)
    text = draft(read_sources(arguments.verilog), arguments.top, core)
    with written_whole(path) as file:
        file.write(text.encode())
    unsure = sum("unsure" in line or "not found" in line for line in text.splitlines())
    screen.print(
        f"{path}: {arguments.top} in the place of {core.name}; {unsure} lines to look at", soft_wrap=True
    )
    return Outcome(0, {"map": str(path), "unsure": unsure})


def module(arguments: argparse.Namespace) -> OwnVerilog:
    """The module that is to be judged. Raises BadInput where it cannot be read, or does not fit its map."""
    from spikelock.testbenches.own_verilog.judged import OwnVerilog

    if not Path(arguments.map).is_file():
        raise BadInput(
            f"--map {arguments.map}: there is no such file; the same command with --draft-map writes one"
        )
    return OwnVerilog.from_files(arguments.verilog, arguments.top, arguments.core, arguments.map)

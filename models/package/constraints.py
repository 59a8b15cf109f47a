"""Timing constraints of a die, or of all dies of a package on one chip, for the tools that place and route.

A path from one clock to another is only in the asynchronous queue (`Crossing`) of a bridge: the Gray-coded
pointers, one each way, the words themselves, and the reset of the queue's reader. Each of them is named and
gets its own limit:

    delay ≤ min(T_source, T_target)      of pointers and words
    skew between a pointer's bits ≤ T_source

so no two changes of a pointer are on the way at the same time (one bit changes a period of its source), and
a word is there when its pointer is: the pointer takes one more period of the reader. Clocks are not made
asynchronous groups: in both tools these take precedence over a limit (Vivado UG903, "Constraining
Asynchronous Signals"), and would hide a path that nobody named. As it is, such a path is timed, and seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from spikelock.models.errors import BadInput
from spikelock.models.fabric.mesh import link_name

from .dies import SLOWEST, Link, Params


class Tool(Enum):
    """Who reads the file: OpenROAD (and OpenSTA), as SDC; Vivado, as XDC."""

    OPENROAD = "OpenROAD"
    VIVADO = "Vivado"

    @property
    def suffix(self) -> str:
        """Of its files."""
        return "sdc" if self is Tool.OPENROAD else "xdc"


@dataclass(frozen=True)
class Path:
    """From a register, or memory, of one clock to a register of another, or to all of that clock.

    Registers are named by the names of the submodules and their own, joined by dots.
    skew: whether all bits of it must come within a period of its source.
    """

    source: str
    source_clock: str
    target: str | None
    target_clock: str
    skew: bool = True


@dataclass(frozen=True)
class Reset:
    """The reset of one clock sets registers of another without waiting for its edge."""

    clock: str
    target: str


@dataclass(frozen=True)
class Constraints:
    """title: of what. clocks: period of each in ns, by name. Its port is `<name>_clk`; that of `sync`, `clk`.

    paths, resets: all that lead from one clock to another. lanes_in, lanes_out: clock of ports to other dies.
    """

    title: str
    clocks: Mapping[str, float]
    paths: tuple[Path, ...]
    resets: tuple[Reset, ...]
    lanes_in: Mapping[str, str]
    lanes_out: Mapping[str, str]

    def limit(self, path: Path) -> float:
        """The longest delay of a path, in ns."""
        return min(self.clocks[path.source_clock], self.clocks[path.target_clock])


def of_die(params: Params, die: str, clocks: Mapping[str, float]) -> Constraints:
    """Those of one die, a chip of its own. clocks: in Hz, by die. Raises BadInput where too far apart."""
    periods = _periods(params, clocks)
    part = params.dies[die]
    forwarded = {link: f"line_{link_name(*link)}" for link in part.cut}
    own = {forwarded[link]: periods[params.die_of(params.lines[link][0])] for link in part.cut}
    paths, resets = _crossings("", part.cut, forwarded, "sync")
    return Constraints(
        f"{die}: one of {len(params.dies)} dies",
        {"sync": periods[die], **own},
        paths,
        resets,
        {f"from_line_{link_name(*link)}": clock for link, clock in forwarded.items()},
        {f"to_line_{link_name(*link)}": "sync" for link in part.cut},
    )


def of_package(params: Params, clocks: Mapping[str, float]) -> Constraints:
    """Those of all dies on one chip, as a prototype is. clocks, and what is raised: as for `of_die`."""
    paths: tuple[Path, ...] = ()
    resets: tuple[Reset, ...] = ()
    for die, part in params.dies.items():
        forwarded = {link: params.die_of(params.lines[link][0]) for link in part.cut}
        more = _crossings(f"{die}.", part.cut, forwarded, die)
        paths, resets = paths + more[0], resets + more[1]
    return Constraints(f"{len(params.dies)} dies", _periods(params, clocks), paths, resets, {}, {})


def _periods(params: Params, clocks: Mapping[str, float]) -> dict[str, float]:
    if wrong := params.dies.keys() ^ clocks.keys():
        raise BadInput(f"clock of {min(wrong)}: one is needed for each of {', '.join(params.dies)}")
    for die, hertz in clocks.items():
        if not 0 < hertz < float("inf"):
            raise BadInput(f"clock of {die}: {hertz:g} Hz; it must be above 0 Hz")
    slow, fast = min(clocks.values()), max(clocks.values())
    if fast > SLOWEST * slow:
        raise BadInput(
            f"clocks of {slow:g} and {fast:g} Hz: the slowest may be {SLOWEST} times as slow as the fastest; "
            f"{fast / SLOWEST:g} Hz would do"
        )
    return {die: 1e9 / hertz for die, hertz in clocks.items()}


def _crossings(
    start: str, cut: list[Link], forwarded: Mapping[Link, str], own: str
) -> tuple[tuple[Path, ...], tuple[Reset, ...]]:
    """What is in the asynchronous queue of each bridge; its names are those of Amaranth's `AsyncFIFO`."""
    paths: list[Path] = []
    resets: list[Reset] = []
    for link in cut:
        queue, line = f"{start}bridge_{link_name(*link)}.crossing.fifo.", forwarded[link]
        paths += [
            Path(queue + "produce_w_gry", line, queue + "produce_cdc.stage0", own),
            Path(queue + "consume_r_gry", own, queue + "consume_cdc.stage0", line),
            Path(queue + "storage", line, None, own, skew=False),
        ]
        resets += [Reset(line, f"{queue}rst_cdc.stage{number}") for number in range(2)]
    return tuple(paths), tuple(resets)


def written(constraints: Constraints, tool: Tool) -> str:
    """The text of the file."""
    return "\n".join([*_lines(constraints, tool)]) + "\n"


def _lines(given: Constraints, tool: Tool) -> Iterator[str]:
    yield f"# Timing constraints of {given.title}, for {tool.value}. Times are in ns."
    yield "# A reset ends at an edge of its own clock. Nothing is said of ports that lead to no other die."
    for name, period in given.clocks.items():
        yield f"create_clock -name {name} -period {period:.4f} [get_ports {{{_pin(name, 'clk')}}}]"
    # Half of a period for the die that sends and the wires, half for the one that receives.
    for port, clock in given.lanes_in.items():
        yield f"set_input_delay -clock {clock} -max {given.clocks[clock] / 2:.4f} [get_ports {{{port}*}}]"
    for port, clock in given.lanes_out.items():
        yield f"set_output_delay -clock {clock} -max {given.clocks[clock] / 2:.4f} [get_ports {{{port}*}}]"
    for path in given.paths:
        yield from _path(given, path, tool)
    for reset in given.resets:
        target = _cells(reset.target, tool)
        yield f"set_false_path -from [get_ports {{{_pin(reset.clock, 'rst')}}}] -to {target}"
    if tool is Tool.VIVADO:
        stages = [path.target.removesuffix("0") for path in given.paths if path.target]
        for stage in sorted({*stages, *(reset.target[:-1] for reset in given.resets)}):
            yield f"set_property ASYNC_REG TRUE {_cells(stage, tool)}"


def _path(given: Constraints, path: Path, tool: Tool) -> Iterator[str]:
    source = _cells(path.source, tool)
    target = _cells(path.target, tool) if path.target else f"[get_clocks {{{path.target_clock}}}]"
    ends, limit = f"-from {source} -to {target}", f"{given.limit(path):.4f}"
    if tool is Tool.OPENROAD:
        yield f"set_max_delay {limit} -ignore_clock_latency {ends}"
        yield f"set_false_path -hold {ends}"
        return
    yield f"set_max_delay {limit} -datapath_only {ends}"
    if path.skew:
        yield f"set_bus_skew {given.clocks[path.source_clock]:.4f} {ends}"


def _cells(register: str, tool: Tool) -> str:
    """Its flip-flops: of Vivado `path/name_reg[0]`, of Yosys after `rename -wire` `path.name[0]$_DFF_P_`."""
    if tool is Tool.VIVADO:
        *modules, name = register.split(".")
        return f"[get_cells {{{'/'.join([*modules, name])}{'*' if name == 'stage' else ''}_reg*}}]"
    return f"[get_cells {{{register}*}}]"


def _pin(clock: str, kind: str) -> str:
    return kind if clock == "sync" else f"{clock}_{kind}"

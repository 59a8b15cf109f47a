"""Whether a map fits its module: ports by name, direction and width; clock and reset by what they do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from spikelock.models.ports import Port

from .clocking import read_clocking
from .interface import Interface, ModulePort, bits
from .mapping import ModuleMap, PortPart


def check_clocking(source: str, found: ModuleMap, interface: Interface) -> None:
    """Raises BadInput where the registers are clocked or reset in another way than the map says."""
    for table, name in (("clock", found.clock), ("reset", found.reset)):
        port = find_port(found, interface, table, "port", name, "input")
        if port.width != 1:
            raise found.error(table, f'port = "{name}": {port} in {port.where}; one bit is needed')
    clocking = read_clocking(source, found.top)
    edges = {edge: count for (port, edge), count in clocking.clocks.items() if port == found.clock}
    if edges and found.edge not in edges:
        actual = max(edges, key=lambda edge: edges[edge])
        raise found.error(
            "clock",
            f'edge = "{found.edge}": {edges[actual]} flip-flops of {found.top} are clocked by the '
            f'{actual} edge of {found.clock}, none by the {found.edge} one: edge = "{actual}" fits',
        )
    if clocking.clocks and not edges:
        others = ", ".join(sorted({port for port, _ in clocking.clocks}))
        raise found.error(
            "clock", f'port = "{found.clock}" clocks no flip-flop of {found.top}; {others} does'
        )
    uses = {use: count for use, count in clocking.resets.items() if use.port == found.reset}
    common = max(uses, key=lambda use: uses[use], default=None)
    if common and found.active not in {use.active for use in uses}:
        raise found.error(
            "reset",
            f'active = "{found.active}": {uses[common]} flip-flops of {found.top} are reset while '
            f"{found.reset} is {common.active}, none while it is {found.active}: "
            f'active = "{common.active}" fits',
        )
    if common and found.kind not in {use.kind for use in uses}:
        raise found.error(
            "reset",
            f'kind = "{found.kind}": {found.reset} is {with_article(common.kind)} reset of {uses[common]} '
            f"flip-flops of {found.top}, and {with_article(found.kind)} one of none: "
            f'kind = "{common.kind}" fits',
        )
    if clocking.resets and not uses:
        other = max(clocking.resets, key=lambda use: clocking.resets[use])
        raise found.error(
            "reset", f'port = "{found.reset}" resets no flip-flop of {found.top}; {other.port} does'
        )


def fields_of(port: Port) -> list[tuple[str, int, int]]:
    """Name, lowest bit and width of each field."""
    found, low = [], 0
    for name, q in port.fields.items():
        found.append((name, low, q.width))
        low += q.width
    return found


def part_text(part: PortPart) -> str:
    bits = "" if part.high is None else f"[{part.high}:{part.low}]"
    return f"{'!' * part.inverted}{part.port}{bits}"


def find_port(
    found: ModuleMap, interface: Interface, table: str, key: str, name: str, direction: str
) -> ModulePort:
    """A port of the module. Raises BadInput where it has none of that name and direction."""
    port = interface.ports.get(name)
    if port is None:
        raise found.error(
            table,
            f'{key} = "{name}": {found.top} has no such port; its {direction}s are: '
            f"{names_text([one.name for one in interface.of_direction(direction)], name)}",
        )
    if port.direction != direction:
        raise found.error(
            table,
            f'{key} = "{name}": {port} in {port.where}; {with_article(direction)} is needed: '
            f"{ports_text(interface.of_direction(direction))}",
        )
    return port


def with_article(word: str) -> str:
    """A word with its article."""
    return f"a{'n' * (word[0] in 'aeiou')} {word}"


def ports_text(ports: Sequence[ModulePort]) -> str:
    return ", ".join(f"{port.name} ({bits(port.width)})" for port in ports) or "none"


def names_text(names: Iterable[str], meant: str) -> str:
    """Names, the one most like that which was meant in front."""
    known = list(names)
    close = difflib.get_close_matches(meant, known, 1, 0.5)
    return ", ".join([*close, *(name for name in known if name not in close)]) or "none"

"""Pictures of a mapped network: which neurons went where, traffic by link, how full the tables are."""

from __future__ import annotations

from spikelock.models.network.mapping.loads import Loads
from spikelock.models.network.mapping.machine import LINKS, STEP, Machine, Node, Port
from spikelock.models.network.mapping.mapped import Mapped
from spikelock.models.network.mapping.report import channel_name, name_of

from .svg import FAINT, FILL, GREY, INK, RED, Picture

WIDTH, HEIGHT, GAP, MARGIN = 132, 84, 64, 40
TOP = 58
FILLS = (FILL, "#dafbe1", "#fff8c5", "#ffebe9", "#fbefff", "#fff1e5", "#eaeef2")
"""Of populations, in order; then again from the first."""


class Sheet:
    """A machine on paper: nodes in rows, the south-west one at the lower left; dies have outlines."""

    def __init__(self, machine: Machine, title: str) -> None:
        self.machine = machine
        width = 2 * MARGIN + machine.width * (WIDTH + GAP) - GAP
        height = TOP + MARGIN + machine.height * (HEIGHT + GAP) - GAP
        self.picture = Picture(max(width, 540), height, title)
        self.picture.text(MARGIN - 20, 24, title, size=14)
        if machine.dies != (1, 1):
            self._dies()

    def corner(self, node: Node) -> tuple[float, float]:
        """The upper left one of a node's box."""
        x, y = self.machine.place(node)
        return MARGIN + x * (WIDTH + GAP), TOP + (self.machine.height - 1 - y) * (HEIGHT + GAP)

    def box(self, node: Node, lines: list[str], fill: str = "white") -> None:
        """A node with words in it, the first of them its place."""
        left, top = self.corner(node)
        right, bottom = left + WIDTH, top + HEIGHT
        self.picture.area([(left, top), (right, top), (right, bottom), (left, bottom)], fill, GREY)
        name = name_of(self.machine, node) + (" host" if node == self.machine.host else "")
        self.picture.text(left + 8, top + 17, name, colour=GREY, size=11)
        for number, line in enumerate(lines):
            self.picture.text(left + 8, top + 35 + 15 * number, line, size=11 if number else 12)

    def link(self, node: Node, port: Port, words: str, colour: str, width: float) -> None:
        """A link in one direction: beside the one that leads back, with an arrow's head and words."""
        left, top = self.corner(node)
        dx, dy = STEP[port]
        aside = 12 * (1 if dx + dy > 0 else -1)  # so the two directions do not cover each other
        x = left + WIDTH / 2 + dx * WIDTH / 2 + (aside if dy else 0)
        y = top + HEIGHT / 2 - dy * HEIGHT / 2 - (aside if dx else 0)
        crosses = self.machine.links[node, port] != self._beside(node, port)
        reach = 24 if crosses else GAP  # round a torus only the way out is drawn
        end = x + dx * reach, y - dy * reach
        self.picture.line([(x, y), end], colour, width)
        back = end[0] - 7 * dx, end[1] + 7 * dy
        side = (4.0 * dy, 4.0 * dx)
        head = [end, (back[0] + side[0], back[1] + side[1]), (back[0] - side[0], back[1] - side[1])]
        self.picture.area(head, colour, colour)
        if dx:
            self.picture.text(x + dx * reach / 2, y - 5, words, "middle", INK, 10)
        else:
            anchor = "start" if aside > 0 else "end"
            self.picture.text(x + aside / 2, y - dy * reach / 2 + 3, words, anchor, INK, 10)

    def bar(self, node: Node, share: float, row: int, words: str) -> None:
        """A bar at a node's lower edge, full where `share` is 1, with words at its right end."""
        left, top = self.corner(node)
        y, width = top + HEIGHT - 14 - 16 * row, WIDTH - 16.0
        for part, colour in ((1.0, FAINT), (min(share, 1.0), RED if share > 0.9 else INK)):
            if part > 0:
                self.picture.line([(left + 8, y + 6), (left + 8 + width * part, y + 6)], colour, 3)
        self.picture.text(left + WIDTH - 8, y + 1, words, "end", GREY, 9)

    def _beside(self, node: Node, port: Port) -> Node | None:
        (x, y), (dx, dy) = self.machine.place(node), STEP[port]
        return self.machine.node_at.get((x + dx, y + dy))

    def _dies(self) -> None:
        across, up = self.machine.dies
        wide, high = self.machine.width // across, self.machine.height // up
        for x, y in self.machine.die_places:
            left, bottom = self.corner(self.machine.node_at[x * wide, y * high])
            left, bottom = left - 16, bottom + HEIGHT + 16
            right = left + 32 + wide * (WIDTH + GAP) - GAP
            top = bottom - 32 - high * (HEIGHT + GAP) + GAP
            corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
            self.picture.line(corners, GREY, 1, "5 4")


def placement(mapped: Mapped) -> Picture:
    """Which neurons are where, and how full the tiles are."""
    machine = mapped.machine
    sheet = Sheet(machine, "which neurons went where")
    placed = {one.node: one for one in mapped.placed}
    for node in range(machine.nodes):
        if node not in placed:
            sheet.box(node, ["no neurons"])
            continue
        one = placed[node]
        number, neurons = one.part.population, one.part.neurons
        name = mapped.program.populations[number].name
        whole = int(neurons[-1] - neurons[0]) == len(neurons) - 1
        which = f"{neurons[0]}…{neurons[-1]}" if whole else f"{len(neurons)} of {neurons[0]}…{neurons[-1]}"
        sheet.box(node, [_short(name, 16), which], FILLS[number % len(FILLS)])
        synapses = int(one.configuration.memories["rows"]["length"].sum())
        sheet.bar(node, synapses / machine.synapses, 0, f"{synapses:,} synapses")
    return sheet.picture


def traffic(mapped: Mapped, loads: Loads) -> Picture:
    """Events by link and direction: the wider, the more; the hottest in red."""
    machine = mapped.machine
    hot = loads.channels[loads.hottest]
    sheet = Sheet(machine, f"events by link; hottest: {channel_name(machine, *hot)}, {loads.of(hot):,}")
    most = max(1, int(loads.events.max()))
    sent = {one.node: int(count) for one, count in zip(mapped.placed, loads.sent[1:], strict=True)}
    for channel in loads.channels:
        node, port = channel
        if port in LINKS and (events := loads.of(channel)):
            colour = RED if channel == hot else INK
            sheet.link(node, port, f"{events:,}", colour, 1 + 4 * events / most)
        elif port in LINKS:
            sheet.link(node, port, "0", FAINT, 1)
    for node in range(machine.nodes):
        heard = loads.of((node, Port.LOCAL))
        sheet.box(node, [f"sends {sent.get(node, 0):,}", f"hears {heard:,}"])
    return sheet.picture


def tables(mapped: Mapped) -> Picture:
    """Entries of each router's table, compressed and before."""
    machine = mapped.machine
    sheet = Sheet(machine, f"table entries of {machine.entries}")
    for node, table in mapped.tables.items():
        before = len(mapped.uncompressed[node])
        sheet.box(node, [f"{len(table)} entries", f"{before} uncompressed"])
        share = len(table) / machine.entries
        sheet.bar(node, share, 0, f"{share:.0%}")
    return sheet.picture


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"

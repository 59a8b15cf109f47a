"""A link that runs steadily makes no garbage collection happen, and no objects that stay."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from spikelock.drivers.link import Link
from spikelock.drivers.loopback import LINES, Loopback
from spikelock.models.link.protocol import Channel
from spikelock.testbenches.pytest_plugin import Size

PACKET = bytes(range(200))
FEW_BLOCKS = 30
"""Small counts become larger numbers, which are objects of their own, once."""


@dataclass
class Cost:
    """What a loop did to the memory: garbage collections, and blocks that it left allocated."""

    collections: int
    blocks: int

    @property
    def is_nothing(self) -> bool:
        return self.collections == 0 and self.blocks < FEW_BLOCKS


def cost(loop: Callable[[int], None], rounds: int) -> Cost:
    loop(rounds)  # all buffers have been filled once by then
    happened = 0

    def count(phase: str, info: dict[str, Any]) -> None:
        nonlocal happened
        happened += phase == "start"

    gc.collect()
    gc.callbacks.append(count)
    try:
        before = sys.getallocatedblocks()
        loop(rounds)
        blocks = sys.getallocatedblocks() - before
    finally:
        gc.callbacks.remove(count)
    return Cost(happened, blocks)


def exchange(link: Link) -> None:
    """Eight packets there and back."""
    for _ in range(8):
        link.send(Channel.ECHO, PACKET)
    for _ in range(8):
        assert link.receive(Channel.ECHO, 1.0) == PACKET


@pytest.mark.parametrize("line", LINES)
def test_a_steady_link_leaves_nothing_behind(loopback: Loopback, line: str, size: Size) -> None:
    loopback.clock = None
    link, _ = loopback.connected(line)

    def loop(rounds: int) -> None:
        for _ in range(rounds):
            exchange(link)

    measured = cost(loop, size.pick(400, 20_000))
    assert measured.is_nothing, measured
    assert link.statistics.packets_received > 6_000


def test_control_objects_that_stay_are_seen(loopback: Loopback) -> None:
    link, _ = loopback.connected("in-process")
    kept: list[bytes] = []

    def loop(rounds: int) -> None:
        for number in range(rounds):
            exchange(link)
            kept.append(b"%d" % number)

    measured = cost(loop, 400)
    assert not measured.is_nothing
    assert measured.blocks >= 400


def test_control_garbage_is_seen(loopback: Loopback) -> None:
    link, _ = loopback.connected("in-process")

    def loop(rounds: int) -> None:
        for _ in range(rounds):
            exchange(link)
            for _ in range(4):
                circle: list[object] = []
                circle.append(circle)

    assert cost(loop, 400).collections > 0

"""What all sources of random and low-discrepancy numbers have in common: requests in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping

from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port


def request_port() -> Mapping[str, Port]:
    """One request for each number; `restart` begins the sequence anew."""
    return {"request": Port({"restart": unsigned(1)})}


def value_port(width: int) -> Mapping[str, Port]:
    """The numbers."""
    return {"output": Port({"value": unsigned(width)})}

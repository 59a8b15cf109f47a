"""A compiled network, integers only: what the engine runs, the RTL's memories hold, a driver writes.

A program is a configuration of `fabric.chain` with names on it: tiles over one address space, inputs first,
then the neurons of each tile in turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from spikelock.models.core import Configuration
from spikelock.models.errors import BadInput, RangeError
from spikelock.models.fabric import chain, tile


@dataclass(frozen=True)
class Population:
    """One tile of the chain: a name for reports, the tile's sizes, and what is loaded into it."""

    name: str
    params: chain.TileParams
    configuration: Configuration

    @property
    def exact(self) -> tile.Params:
        """The sizes, where sums are exact. Raises BadInput where they are those of bit streams."""
        if isinstance(self.params, tile.Params):
            return self.params
        raise BadInput(f"{self.name} has bit streams already; a population with exact sums is needed")


@dataclass(frozen=True)
class Program:
    """A chain of populations behind `inputs` input addresses; the spikes of population `output` answer.

    about: how it came to be (source file and its hash, discretisation, quantisation), as JSON-able values; it
        does not change what the program computes.

    Raises BadInput where the chain does not fit together, RangeError where an accumulator could overflow.
    """

    inputs: int
    populations: tuple[Population, ...]
    output: str
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.inputs < 1 or not self.populations:
            raise BadInput(
                f"a program needs inputs and populations; it has {self.inputs} and {len(self.populations)}"
            )
        names = [p.name for p in self.populations]
        if len(set(names)) < len(names) or self.output not in names:
            raise BadInput(f"population names must differ and include the output {self.output!r}: {names}")
        first = self.params.tiles[0]  # chain.Params has checked that the tiles fit together
        if first.axons != self.inputs:
            raise BadInput(f"the first population has {first.axons} axons, the program {self.inputs} inputs")
        for population in self.populations:
            params = population.params
            if not isinstance(params, tile.Params):
                continue  # the currents of a stochastic layer saturate
            needed = tile.required_current_width(params, population.configuration)
            if needed > params.neuron.current_width:
                raise RangeError(
                    f"population {population.name}: its accumulators need {needed} bits, current_width is "
                    f"{params.neuron.current_width}"
                )

    @cached_property
    def params(self) -> chain.Params:
        """The hardware that runs this program: `fabric.chain` with these sizes."""
        return chain.Params(tuple(p.params for p in self.populations))

    @cached_property
    def configuration(self) -> Configuration:
        """What a host loads into that hardware."""
        return chain.join([p.configuration for p in self.populations])

    @property
    def addresses(self) -> int:
        """Addresses in all: inputs and neurons."""
        last = self.populations[-1].params
        return last.axons + last.neurons

    def locate(self, address: int) -> tuple[str, int]:
        """The population (or "input") and the index in it of an address, for reports."""
        if address < self.inputs:
            return "input", address
        for population in self.populations:
            if address < population.params.axons + population.params.neurons:
                return population.name, address - population.params.axons
        raise BadInput(f"address {address} is outside the program: it has addresses 0 … {self.addresses - 1}")

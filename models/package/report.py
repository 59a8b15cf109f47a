"""A plan as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from spikelock.models.errors import BadInput

from .energy import Counts
from .plan import Plan
from .routing import disjoint_ways, route, single_points, without
from .topology import Link, Package


def report_of(made: Plan, rate: float) -> dict[str, Any]:
    """The plan as dictionaries, lists, strings and numbers."""
    package, powers, steady = made.package, made.powers(rate), made.steady(rate).tolist()
    used = made.utilisations(rate)
    together = sum(made.counts, Counts()).picojoules(made.constants)
    names = [made.program.populations[part.population].name for part in made.parts]
    return {
        "inference": {
            "samples": made.samples,
            "ticks": made.ticks,
            "nanojoules": made.energy * 1e9,
            **{f"nanojoules_{name}": value / made.samples / 1e3 for name, value in together.items()},
        },
        "rate": {
            "inferences_a_second": rate,
            "most_that_bridges_carry": _finite(made.highest_rate()),
            "watts": sum(powers),
            "hottest_die_in_the_end": max(steady),
            "seconds_of_the_slowest_mode": made.thermal.slowest(),
        },
        "ways": {
            "events_on_the_hottest_link": made.routes.highest,
            "without_heeding_congestion": made.shortest.highest,
            "fewest_disjoint_ways": _fewest_ways(package),
            "bridges_that_must_not_fail": [_bridge(one) for one in single_points(package)],
        },
        "dies": [
            {
                "die": die,
                "clock_mhz": package.clock_of(die) / 1e6,
                "holds": ", ".join(
                    f"{name} ({len(part.neurons)})"
                    for name, part, at in zip(names, made.parts, made.dies, strict=True)
                    if at == die
                )
                or "nothing",
                "synapses_a_run": counts.synapses,
                "bridged_a_run": counts.bridged,
                "milliwatts": powers[die] * 1e3,
                "degrees": steady[die],
            }
            for die, counts in enumerate(made.counts)
        ],
        "bridges": [
            {"link": f"{a} to {b}", "events": made.routes.loads[a, b], "utilisation": used[a, b]}
            for a, b in sorted(made.routes.loads, key=lambda link: -made.routes.loads[link])
        ],
        "cuts": [_cut(made, one) for one in package.bridges],
        "constants": {
            **{name: value for name, value in asdict(made.constants).items() if name != "line"},
            "bits_of_an_event_on_a_bridge": made.constants.bits,
            "cycles_of_an_event_on_a_bridge": made.constants.beats,
        },
    }


def _cut(made: Plan, bridge: Link) -> dict[str, Any]:
    """What one more dead bridge does."""
    try:
        routes = route(without(made.package, bridge), made.demands)
    except BadInput as error:
        return {"cut": _bridge(bridge), "rerouted": False, "hottest": 0, "says": str(error)}
    return {"cut": _bridge(bridge), "rerouted": True, "hottest": routes.highest, "says": ""}


def _fewest_ways(package: Package) -> int:
    """Of the host's die to any other."""
    others = [die for die in range(package.dies) if die != package.host]
    return min((len(disjoint_ways(package, package.host, die)) for die in others), default=0)


def _bridge(link: Link) -> str:
    return f"{link[0]}-{link[1]}"


def _finite(value: float) -> float | None:
    return value if value != float("inf") else None

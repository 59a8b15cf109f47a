"""How many faults a minute a campaign injects into the RTL, on one processor, build apart.

python benchmarks/faults.py [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.faults import CAMPAIGNS

CORES = ("neurons.lif", "fabric.tile")
FEW, MANY = 10, 1_000


def main() -> None:
    """Measures, prints and stores the numbers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    arguments = parser.parse_args()
    found = {f"{core} {kind}": measure(core, kind) for core in CORES for kind in CAMPAIGNS}
    for name, (build, rate) in found.items():
        print(f"{name}: {rate:,.0f} injections/minute, after {build:.1f} s for the design")
    if arguments.json:
        numbers = {
            name: {"seconds_design": build, "per_minute": rate} for name, (build, rate) in found.items()
        }
        arguments.json.write_text(json.dumps(numbers, indent=2))


def measure(core: str, kind: str) -> tuple[float, float]:
    """Seconds until the design is ready, and injections a minute after that."""
    bench = find_bench(core)
    campaign = CAMPAIGNS["upset" if kind == "upset" else "stuck-at"]
    times = []
    for part in ((0, MANY // FEW), (0, 1)):  # first a few of the same faults: the design is built then
        start = time.perf_counter()
        done = campaign(bench, bench.cases[0], MANY, part=part)
        times.append((done.tally.total, time.perf_counter() - start))
    (few, first), (many, second) = times
    each = second / many
    return max(0.0, first - few * each), 60 / each


if __name__ == "__main__":
    main()

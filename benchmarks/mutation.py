"""Mutants a minute: all of them in one build, beside one build for each.

    python benchmarks/mutation.py [MUTANTS]

Builds are made anew, in a cache of their own.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time

from spikelock.models.core import twin
from spikelock.testbenches.alterations import alter, build_altered, list_mutations, prepare_component
from spikelock.testbenches.bench import find_bench
from spikelock.testbenches.lockstep.parallel import in_processes
from spikelock.testbenches.mutation.campaign import run_named_share
from spikelock.testbenches.mutation.shares import SIZE, share_out

CORE = "neurons.lif"
ALONE = 3
"""Mutants that are built one by one, to know what that costs."""


def main(mutants: int) -> None:
    bench = find_bench(CORE)
    started = time.monotonic()
    shares = list(in_processes(run_named_share, share_out(bench, mutants, 0, SIZE), 2))
    together = mutants / (time.monotonic() - started)
    deciding = sum(share.deciding for share in shares)

    params = bench.cases[0].params
    prepared = prepare_component(twin(CORE, "rtl").component(params))
    started = time.monotonic()
    for mutation in list_mutations(prepared, ALONE, seed=1):
        alter(prepared, [mutation])
        build_altered(prepared, [mutation], bench.core.pins(params), bench.core.outputs(params))
    alone = ALONE / (time.monotonic() - started)
    print(f"{mutants} mutants of {CORE} in {len(shares)} builds: {60 * together:.0f} a minute, with deciding")
    print(
        f"about the survivors ({deciding:.0f} s in 2 processes); one build each: {60 * alone:.0f} a minute,"
    )
    print(f"before any is run: {together / alone:.0f} times as slow")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        os.environ["SPIKELOCK_CACHE"] = cache
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)

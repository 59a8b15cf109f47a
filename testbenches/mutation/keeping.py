"""Keeps what tells a survivor from the core, as a small regression case that the bench plays from then on."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from spikelock.models.errors import BadInput
from spikelock.testbenches.alterations import Alteration, prepare_component
from spikelock.testbenches.bench import Bench
from spikelock.testbenches.lockstep.verilog import Verilog
from spikelock.testbenches.regression_cases import Found, RegressionCase, save, shrink
from spikelock.testbenches.trial import Trial
from spikelock.testbenches.yosys import kept_yosys

from .search import Shown

SECONDS = 20.0
"""How long a stimulus is made smaller, at most."""


def keep(bench: Bench, mutation: Alteration, shown: Shown, folder: Path) -> Path:
    """Writes the run that shows what a mutant changes to a folder, made smaller; gives the file.

    Where the folder is `testbenches/<family>/cases/<core>/mutants` the bench plays it ever after.
    """
    case = replace(bench.case(shown.kill.case), registers=shown.registers)
    play = Trial(bench, case, "rtl", shown.seed, shown.size).plays()[shown.kill.job]
    found = Found(shown.kill.detector, "rtl", shown.kill.problem, f"mutant {mutation}")
    settings = play.configuration
    whole = RegressionCase(bench.core, case.params, play.job, found, settings.registers, settings.memories)
    with suppress(BadInput):  # it may not fail alone as it did among others: then it is kept whole
        whole = shrink(whole, "rtl", component=_mutant(bench, case.params, mutation), seconds=SECONDS).case
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (re.sub(r"\W+", "-", str(mutation)).strip("-") + ".json")
    save(whole, path)
    return path


def _mutant(bench: Bench, params: object, mutation: Alteration) -> Verilog:
    script = f"read_rtlil prepared.il\n{mutation.command}\nopt_clean\nwrite_verilog -norename dut.v\n"
    text = kept_yosys(script, {"prepared.il": prepare_component(bench.hardware(params))}, "dut.v")
    return Verilog(text, bench.core.timing(params))

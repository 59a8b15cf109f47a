"""Hosts that wait for each response, on the pins of a bus: what they read is what they wrote."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cocotb_tools.check_results import get_results

from spikelock.formal.bus.register_access_mutants import ALIASED, STROBES_IGNORED, STROBES_REVERSED
from spikelock.models.bus import axi4_lite, wishbone
from spikelock.models.cache import key_of
from spikelock.models.core import twin
from spikelock.models.mutant import Mutant
from spikelock.testbenches.lockstep.verilog import TOP, convert, to_verilog, without_power_up_values
from spikelock.testbenches.uvm import builds

pytestmark = pytest.mark.skipif(not shutil.which("iverilog"), reason="iverilog is not installed")
PARAMS = {"axi4_lite": axi4_lite.Params(), "wishbone": wishbone.Params()}


def failures(component: Any, bus: str, folder: Path) -> int:
    """Tests of the host that failed: 0 or 1."""
    if bus == "axi4_lite":
        pytest.importorskip("cocotbext.axi")
    rtlil = without_power_up_values(convert(component, ["sync"], {}).rtlil)
    built = builds.build(lambda: to_verilog(rtlil), key_of(rtlil), "icarus", waves=False, coverage=False)
    runner = builds.RUNNERS["icarus"]()
    runner.seconds = 120.0
    with suppress(SystemExit):  # so cocotb's runner ends, under pytest, where the test failed
        runner.test(
            test_module="spikelock.testbenches.bus.host_programs",
            test_filter=f"{bus}$",
            hdl_toplevel=TOP,
            hdl_toplevel_lang="verilog",
            build_dir=built,
            test_dir=folder,
            seed=1,
            extra_env={"COCOTB_REWRITE_ASSERTION_FILES": ""},
            results_xml=str(folder / "results.xml"),
            log_file=folder / "simulation.log",
        )
    tests, failed = get_results(folder / "results.xml")
    assert tests == 1, (folder / "simulation.log").read_text()
    return failed


BROKEN = {"aliased": ALIASED, "strobes ignored": STROBES_IGNORED, "strobes reversed": STROBES_REVERSED}
MUTANTS = pytest.mark.parametrize("mutant", BROKEN.values(), ids=BROKEN)


@pytest.mark.parametrize("bus", PARAMS)
def test_a_host_reads_what_it_wrote(bus: str, tmp_path: Path) -> None:
    component = twin(f"bus.{bus}", "rtl").component(PARAMS[bus], pins=True)
    assert failures(component, bus, tmp_path) == 0, (tmp_path / "simulation.log").read_text()


@MUTANTS
@pytest.mark.parametrize("bus", PARAMS)
def test_control_a_broken_bank_is_found(bus: str, mutant: Mutant, tmp_path: Path) -> None:
    component = mutant.component(f"bus.{bus}", PARAMS[bus], pins=True)
    assert failures(component, bus, tmp_path) == 1

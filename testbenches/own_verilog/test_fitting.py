"""What does not fit is refused, with a message that says which port or parameter, and what would fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from spikelock.models.core import find_core
from spikelock.models.errors import BadInput
from spikelock.testbenches.own_verilog.draft import draft
from spikelock.testbenches.own_verilog.examples_folder import FOLDER, example
from spikelock.testbenches.own_verilog.interface import read_interface
from spikelock.testbenches.own_verilog.judged import OwnVerilog
from spikelock.testbenches.own_verilog.mapping import read_map
from spikelock.testbenches.own_verilog.sources import read_sources
from spikelock.testbenches.places import place


def edited(name: str, old: str, new: str, *, verilog: bool = False) -> OwnVerilog:
    own = replace(example(name), map_name="map.toml")
    text = own.source if verilog else own.map
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    text = text.replace(old, new)
    return replace(own, source=text) if verilog else replace(own, map=text)


MAPS = {
    # the format
    'top = "lif_stream"|top = "lif_stream': "map.toml is not TOML",
    'top = "lif_stream"|top = 3': "top = 3: the name of a module is needed",
    "[timing]|[timings]": "'timings' is nothing of a map; there are: top, clock",
    'edge = "rising"|egde = "rising"': "[clock] has no 'egde'; it has: port, edge",
    'edge = "rising"|edge = "up"': 'edge = \'up\': "rising" or "falling" is needed',
    'kind = "asynchronous"|': '[reset] kind = None: "synchronous" or "asynchronous" is needed',
    "latency = 1|latency = -1": "[timing] latency = -1: a whole number, 0 or more, is needed",
    'spike = "out_spike"|spike = "out_spike[0:1]"': "the high bit comes first",
    'spike = "out_spike"|spike = ""': "[streams.output] spike = '': a port is needed, such as \"v\"",
    'LEAK = "leak"|LEAK = [1]': "[parameters] LEAK = [1]: a field of Params, a sum such as",
    # the core
    "[streams.output]|[streams.outptu]": "[streams.outptu] neurons.lif has none with these [params]; it",
    'current = "in_current"|curent = "in_current"': "[streams.input] curent: there is no such field; there",
    'spike = "out_spike"|': "[streams.output] no port is given for spike, of 1 bit; outputs of",
    "constants = true|constnats = true": "[params] has no field 'constnats'; it has: width",
    "constants = true|constants = 1": "[params].constants: 1 is given; true or false is needed",
    "threshold = 256|threshold = 99999": "[params]: reset value 99999 does not fit",
    # the ports
    'top = "lif_stream"|top = "lif"': "there is no such module; there are: lif_stream",
    'spike = "out_spike"|spike = "spike"': "lif_stream has no such port; its outputs are: out_spike",
    'spike = "out_spike"|spike = "in_current"': "in_current (input, 16 bits) in lif_stream.sv:22; an output",
    'membrane = "out_potential"|membrane = "out_spike"': "1 bit in lif_stream.sv:25; neurons.lif has 16",
    'membrane = "out_potential"|membrane = "out_potential[20:5]"': "has bits 15 … 0",
    'spike = "out_spike"|spike = "out_potential"': 'name 1 of its bits, such as "out_potential[0:0]"',
    'current = "in_current"|current = "in_valid"': "that is 1 bit in lif_stream.sv:20",
    # clock and reset
    'port = "clk"|port = "clock"': 'port = "clock": lif_stream has no such port; its inputs are: clk',
    'port = "clk"|port = "in_valid"': 'port = "in_valid" clocks no flip-flop of lif_stream; clk does',
    'edge = "rising"|edge = "falling"': 'the rising edge of clk, none by the falling one: edge = "rising"',
    'active = "low"|active = "high"': "34 flip-flops of lif_stream are reset while rst_n is low, none",
    'kind = "asynchronous"|kind = "synchronous"': "rst_n is an asynchronous reset of 34 flip-flops",
    'port = "rst_n"|port = "in_valid"': 'port = "in_valid" resets no flip-flop of lif_stream; rst_n does',
    # the parameters
    'LEAK = "leak"|LAEK = "leak"': "[parameters] LAEK: lif_stream has no such parameter; it has: LEAK",
    'LEAK = "leak"|LEAK = "leek"': "[parameters] LEAK = 'leek': 'leek' is no number",
    'LEAK = "leak"|LEAK = "rounding"': "the field rounding, which is Rounding.FLOOR is no number",
    'INTEGER_BITS = "width - fraction"|INTEGER_BITS = "width"': 'membrane = "out_potential": that is 24 bits',
    # handshakes
    'valid = "in_valid"|': "[streams.input] ready is given without valid: both fit, or valid alone",
    'valid = "out_valid"|': "[streams.output] ready is given without valid",
    'ready = "in_ready"|ready = "out_valid"': "",
}
"""An edit of the map of lif_stream, and what is said of it; nothing for an edit that fits."""


@pytest.mark.parametrize("edit", MAPS)
def test_map_that_does_not_fit(edit: str) -> None:
    own = edited("lif_stream", *edit.split("|"))
    if not MAPS[edit]:
        assert own.bench.cases
        return
    with pytest.raises(BadInput) as refused:
        assert own.bench.cases
    said = str(refused.value).replace(f"{FOLDER}/", "")
    assert MAPS[edit] in said


STROBES = {
    "latency = 1|": "[timing] latency is needed, as no port says when an output is valid",
    'valid = "enable"|': "nothing drives enable (input, 1 bit) of lif_strobe",
    'noise = "i_noise"|': "[streams.input] no port is given for noise, of 16 bits; inputs of lif_strobe: clk",
    "constants = true|constants = false": "[levels.registers] no port is given for rest, of 16 bits",
    "interval = 1|interval = 1\n[constants]\nv_mem = 0": 'v_mem = "v_mem": v_mem (output, 16 bits)',
    "interval = 1|interval = 1\n[constants]\nenable = 1": '[constants] enable = "enable": another entry',
    "interval = 1|interval = 1\n[constants]\nreset = 2": "[constants] reset = 2: the port has 1 bit",
}


@pytest.mark.parametrize("edit", STROBES)
def test_map_of_strobes_that_does_not_fit(edit: str) -> None:
    with pytest.raises(BadInput) as refused:
        assert edited("lif_strobe", *edit.split("|")).bench.cases
    assert STROBES[edit] in str(refused.value)


def test_pipeline_that_cannot_stand_still() -> None:
    with pytest.raises(
        BadInput, match="latency = 2: a module without a valid of its input steps in every cycle"
    ):
        assert edited("lif_free", "latency = 1", "latency = 2").bench


def test_value_that_does_not_fit_its_parameter() -> None:
    own = edited("lif_stream", "parameter int LEAK =", "parameter logic signed [3:0] LEAK =", verilog=True)
    with pytest.raises(BadInput, match="parameter LEAK of lif_stream: the value 26 becomes -6 there"):
        assert own.bench


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("assign in_ready =", "assign in_ready", "lif_stream.sv:50:19: syntax error"),
        ("endmodule", "part missing();\nendmodule", "Cannot find file containing module: 'part'"),
        ("module lif_stream", "module dut", "there is no such module; there are: dut"),
        ("input  logic                           clk", "inout  logic clk", "clk (inout, 1 bit)"),
        (
            "output logic                           out_spike",
            "output logic out_spike [1]",
            "out_spike (output, no v",
        ),
    ],
)
def test_verilog_that_does_not_fit(old: str, new: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        assert edited("lif_stream", old, new, verilog=True).bench
    assert said in str(refused.value).replace(f"{FOLDER}/", "")


def test_input_that_nothing_drives() -> None:
    own = edited(
        "lif_stream",
        "input  logic                           in_valid,",
        "input in_valid, input scan,",
        verilog=True,
    )
    with pytest.raises(
        BadInput, match=r"nothing drives scan \(input, 1 bit\) .* or give it a value: \[constants\] scan = 0"
    ):
        assert own.bench
    assert replace(own, map=own.map + "[constants]\nscan = 0\n").bench.cases


def test_cases_that_the_module_cannot_have_are_left_out_by_name() -> None:
    own = example("lif_strobe")
    assert own.left_out["default"] == "noise is false there and true in the module"
    assert own.left_out["negative"] == "leak is -26 there and 26 in the module"
    assert {case.name for case in own.bench.cases} | own.left_out.keys() >= {"as-stated", "default", "wide"}
    assert "left out, as noise is false there and true in the module: default, " in own.says


def test_no_case_at_all() -> None:
    own = edited("lif_strobe", "refractory_period = 2", 'refractory_period = 2\nrandom = "fibonacci16_right"')
    assert own.bench.cases  # those that are made for these parameters
    assert "published" in own.left_out


def test_module_as_json_is_the_same() -> None:
    own = example("lif_free")
    assert OwnVerilog.from_json(own.to_json()) == own
    assert OwnVerilog.from_json(own.to_json()) is OwnVerilog.from_json(own.to_json())


# ---------------------------------------------------------------- drafts and sources


@pytest.mark.parametrize("name", ["lif_stream", "lif_strobe", "lif_free"])
def test_draft_finds_clock_and_reset_by_what_they_do(name: str) -> None:
    own = example(name)
    text = draft(own.source, own.found.top, find_core("neurons.lif"))
    filled = text.replace('= ""', '= "x"').replace("# x =", "x =")
    drafted = read_map(filled, "draft")
    assert (drafted.top, drafted.clock, drafted.edge) == (own.found.top, own.found.clock, own.found.edge)
    assert (drafted.reset, drafted.active, drafted.kind) == (
        own.found.reset,
        own.found.active,
        own.found.kind,
    )


def test_draft_of_a_module_with_clear_names_fits_at_once() -> None:
    own = example("lif_stream")
    drafted = replace(own, map=draft(own.source, "lif_stream", find_core("neurons.lif")))
    assert drafted.found.streams == own.found.streams
    assert drafted.bench.cases


def test_draft_says_what_it_does_not_know() -> None:
    own = example("lif_strobe")
    text = draft(own.source, "lif_strobe", find_core("neurons.lif"))
    assert 'current = ""  # not found: 16 bits; one of i_syn (16 bits), i_noise (16 bits)?' in text
    with pytest.raises(BadInput, match="current = '': a port is needed"):
        read_map(text, "draft")


def test_lines_keep_their_places_through_includes(tmp_path: Path) -> None:
    (tmp_path / "a.vh").write_text("wire one;\nwire two;\n")
    (tmp_path / "a.v").write_text('module a;\n`include "a.vh"\nwire three;\nendmodule\n')
    text = read_sources([tmp_path / "a.v"])
    lines = text.splitlines()
    for wanted in ("a.vh:2 wire two;", "a.v:3 wire three;", "a.v:1 module a;"):
        file, _, line = wanted.partition(" ")
        assert place(text, lines.index(line) + 1) == str(tmp_path / file)


def test_file_that_includes_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.v").write_text('`include "a.v"\n')
    with pytest.raises(BadInput, match="does it include itself"):
        read_sources([tmp_path / "a.v"])


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.v: No such file"):
        read_sources([tmp_path / "none.v"])


def test_parameters_decide_widths() -> None:
    head = "(* keep *) module a #(parameter W = 3, parameter signed [40:0] B = -1)"
    text = head + "(input [W-1:0] x, output [2*W:0] y); endmodule"
    found = read_interface(text, "a", {"W": 5, "B": -(1 << 40)})
    assert [port.width for port in found.ports.values()] == [5, 11]
    assert found.parameters == {"W": 5, "B": -(1 << 40)}

"""Modules of every handshake style become streams: nothing is lost, doubled or late; what is wrong shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spikelock.testbenches.checking import CaseResult, check
from spikelock.testbenches.own_verilog.judged import OwnVerilog
from spikelock.testbenches.problem import Detector

NEURON = """
module tiny(input clk, input rst, input [3:0] current, {ports});
  reg signed [3:0] v;
  wire signed [4:0] sum = v + $signed(current);
  wire [3:0] u = sum > 7 ? 4'd7 : sum < -8 ? 4'd8 : sum[3:0];
  wire fire = $signed(u) >= 5;
  wire [4:0] answer = {{fire, fire ? 4'd0 : u}};
  {logic}
endmodule
"""
"""A neuron without a leak, of 4 bits: `answer` holds the spike and the next potential."""

MAP = """
top = "tiny"
[clock]
port = "clk"
{edge}
[reset]
port = "rst"
active = "high"
kind = "synchronous"
[streams.input]
current = "current"
{input}
[streams.output]
spike = "out[4]"
membrane = "out[3:0]"
{output}
[params]
constants = true
width = 4
fraction = 0
current_width = 4
leak = 0
gain_fraction = 0
gain = 1
threshold = 5
[timing]
{timing}
"""


def tiny(
    ports: str, logic: str, into: str = "", out: str = "", timing: str = "latency = 1", edge: str = ""
) -> OwnVerilog:
    text = MAP.format(input=into, output=out, timing=timing, edge=edge)
    return OwnVerilog(NEURON.format(ports=ports, logic=logic), "neurons.lif", text)


def judged(own: OwnVerilog) -> CaseResult:
    return check(own.bench, own.bench.case("as-stated"), "rtl", size=200)


STATE = "always @(posedge clk) if (rst) v <= 0; else if (step) v <= answer[3:0];"

STYLES: dict[str, Any] = {
    "strobes, two cycles": tiny(
        "input step, output reg done, output reg [4:0] out",
        STATE
        + """
        reg [4:0] one; reg was;
        always @(posedge clk) if (rst) {done, was} <= 0; else {done, was} <= {was, step};
        always @(posedge clk) {out, one} <= {one, answer};
        """,
        'valid = "step"',
        'valid = "done"',
        "latency = 2",
    ),
    "a strobe, three cycles": tiny(
        "input step, output reg [4:0] out",
        STATE + "reg [4:0] one, two; always @(posedge clk) {out, two, one} <= {two, one, answer};",
        'valid = "step"',
        timing="latency = 3",
    ),
    "an enable, the falling edge": tiny(
        "input step, output reg [4:0] out",
        "always @(negedge clk) if (rst) v <= 0; else if (step) {out, v} <= {answer, answer[3:0]};",
        'valid = "step"',
        edge='edge = "falling"',
    ),
    "always, at once": tiny(
        "output [4:0] out",
        "always @(posedge clk) if (rst) v <= 0; else v <= answer[3:0]; assign out = answer;",
        timing="latency = 0\ninterval = 1",
    ),
    "always, a cycle later": tiny(
        "output reg [4:0] out",
        "always @(posedge clk) if (rst) v <= 0; else {out, v} <= {answer, answer[3:0]};",
        timing="latency = 1\ninterval = 1",
    ),
    "busy, a strobe out": tiny(
        "input go, output busy, output done, output reg [4:0] out",
        """
        reg [1:0] left;
        assign busy = left != 0;
        assign done = left == 1;
        wire step = go && !busy;
        """
        + STATE
        + """
        always @(posedge clk) if (rst) left <= 0;
          else if (step) {left, out} <= {2'd3, answer};
          else if (busy) left <= left - 1;
        """,
        'valid = "go"\nready = "!busy"',
        'valid = "done"',
        "latency = 3\ninterval = 4",
    ),
    "a strobe every third cycle": tiny(
        "input go, output reg done, output reg [4:0] out",
        """
        reg [1:0] left;
        reg [3:0] kept;
        wire step = left == 1;
        """
        + STATE.replace("answer", "late")
        + """
        wire signed [4:0] added = v + $signed(kept);
        wire [3:0] w = added > 7 ? 4'd7 : added < -8 ? 4'd8 : added[3:0];
        wire [4:0] late = $signed(w) >= 5 ? 5'h10 : {1'b0, w};
        always @(posedge clk) if (rst) {left, done} <= 0; else begin
          done <= step;
          if (go) {left, kept} <= {2'd2, current};
          else if (left != 0) left <= left - 1;
          if (step) out <= late;
        end
        """,
        'valid = "go"',
        'valid = "done"',
        "latency = 3\ninterval = 3",
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_style_becomes_a_stream(style: str) -> None:
    result = judged(STYLES[style])
    assert result.passed, str(result)
    assert result.transactions > 900


WRONG: dict[str, tuple[OwnVerilog, Detector]] = {
    "two answers": (
        tiny(
            "input step, output reg done, output reg [4:0] out",
            STATE + "reg was; always @(posedge clk) if (rst) {done, was} <= 0;"
            "  else begin was <= step; done <= step || (was && current == 3); if (step) out <= answer; end",
            'valid = "step"',
            'valid = "done"',
        ),
        Detector.SCOREBOARD,
    ),
    "an answer lost": (
        tiny(
            "input step, output reg done, output reg [4:0] out",
            STATE + "always @(posedge clk) if (rst) done <= 0;"
            "  else begin done <= step && current != 7; out <= answer; end",
            'valid = "step"',
            'valid = "done"',
        ),
        Detector.SCOREBOARD,
    ),
    "later than stated": (
        tiny(
            "input step, output reg [4:0] out",
            STATE + "reg [4:0] one; always @(posedge clk) {out, one} <= {one, answer};",
            'valid = "step"',
        ),
        Detector.SCOREBOARD,
    ),
    "later than promised": (
        replace(
            STYLES["strobes, two cycles"],
            map=STYLES["strobes, two cycles"].map.replace("latency = 2", "latency = 1"),
        ),
        Detector.TIMING,
    ),
    "steps without its strobe": (
        tiny(
            "input step, output reg [4:0] out",
            "always @(posedge clk) if (rst) v <= 0; else begin v <= answer[3:0]; out <= answer; end",
            'valid = "step"',
        ),
        Detector.SCOREBOARD,
    ),
    "a register that no reset reaches": (
        tiny(
            "input step, output reg [4:0] out",
            "always @(posedge clk) if (step) v <= answer[3:0];"
            "always @(posedge clk) if (rst) out <= 0; else out <= answer;",
            'valid = "step"',
        ),
        Detector.RESET,
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_module_is_found(fault: str) -> None:
    own, detector = WRONG[fault]
    result = judged(own)
    assert not result.passed
    assert detector in {problem.detector for problem in result.problems}, str(result)

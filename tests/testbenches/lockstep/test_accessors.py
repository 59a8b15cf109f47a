"""Ports are matched with the pins of the Verilated header, and every disagreement is refused."""

from __future__ import annotations

import pytest

from spikelock.models.errors import BadInput
from spikelock.models.fixed import signed, unsigned
from spikelock.models.ports import Port
from spikelock.testbenches.lockstep.accessors import Pin, accessors, read_pins

HEADER = """
class alignas(VL_CACHE_LINE_BYTES) Vdut VL_NOT_FINAL : public VerilatedModel {
    VL_IN8(&clk,0,0);
    VL_IN8(&rst,0,0);
    VL_IN8(&a___05Fvalid,0,0);
    VL_OUT8(&a___05Fready,0,0);
    VL_INW(&a___05Fpayload,99,0,4);
    VL_OUT16(&level,11,0);
    VL_UNCOPYABLE(Vdut);  ///< Copying not allowed
"""
INPUTS = {"a": Port({"low": signed(60), "high": unsigned(40)})}
OUTPUTS = {"level": Port({"value": signed(12)}, kind="level")}


def test_pins_are_read_from_the_header() -> None:
    pins = read_pins(HEADER)
    assert set(pins) == {"clk", "rst", "a__valid", "a__ready", "a__payload", "level"}
    assert pins["a__payload"] == Pin("a___05Fpayload", "IN", 100)
    assert pins["level"] == Pin("level", "OUT", 12)


def test_every_port_gets_its_code() -> None:
    text = accessors(read_pins(HEADER), INPUTS, OUTPUTS, ["sync"])
    assert "put<60, 40>(dut.a___05Fpayload, r[1]);" in text
    assert "r[0] = get<0, 12, true>(dut.level);" in text
    assert "using InputStreams = Ports<InputStream0>;" in text
    assert "using OutputStreams = Ports<>;" in text
    assert "dut.rst = on" in text


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [
        ({}, OUTPUTS, "inputs of the design that no port describes: a__payload, a__valid"),
        ({**INPUTS, "b": INPUTS["a"]}, OUTPUTS, "no port 'b__payload'; it has: a__payload, a__ready"),
        (INPUTS, {"level": Port({"value": signed(13)}, kind="level")}, "output of 12 bits in the design"),
        ({**INPUTS, "level": OUTPUTS["level"]}, {}, "but described as input of 12 bits"),
    ],
)
def test_disagreement_is_refused(inputs: dict[str, Port], outputs: dict[str, Port], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        accessors(read_pins(HEADER), inputs, outputs, ["sync"])

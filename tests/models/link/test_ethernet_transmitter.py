"""Padding and frame check sequence: engine = reference; a published frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikelock.models.core import Configuration, run_reference
from spikelock.models.engine.link import ethernet_transmitter as engine
from spikelock.models.errors import BadInput
from spikelock.models.link.ethernet_transmitter import CORE, Params
from spikelock.models.ports import Records
from spikelock.testbenches.link.ethernet_frames import packets

PORT = CORE.inputs(Params())["input"]


def test_more_padding_than_ethernet_has_is_refused() -> None:
    with pytest.raises(BadInput, match="1 … 60 are possible"):
        Params(61)


def sent(inputs: Records) -> Records:
    _, outputs = run_reference(CORE, Params(), Configuration(), {"input": inputs})
    return outputs["output"]


@given(st.lists(st.binary(min_size=1, max_size=70), min_size=1, max_size=4), st.binary(max_size=9))
def test_engine_equals_reference(many: list[bytes], rest: bytes) -> None:
    inputs = packets(PORT, [*many, rest + b"\0"])[:-1]
    assert np.array_equal(engine.run(Params(), Configuration(), {"input": inputs})["output"], sent(inputs))


def test_residue_of_a_frame() -> None:
    """What a CRC-32 register holds after a frame with its check: C704DD7B by IEEE 802.3, here reflected."""
    out = sent(packets(PORT, [bytes(range(42))]))
    assert len(out) == 64
    assert out["last"].tolist() == [0] * 63 + [1]
    assert out["data"][42:60].tolist() == [0] * 18
    register = 0xFFFFFFFF
    for byte in out["data"].tolist():
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xEDB88320 if register & 1 else 0)
    assert register == 0xDEBB20E3

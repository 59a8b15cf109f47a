"""Builds of real models: made once, keyed by all that decides them, never broken by a kill."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spikelock.models.cache import cache_folder
from spikelock.models.errors import MissingTool
from spikelock.models.fixed import unsigned
from spikelock.models.ports import Port
from spikelock.testbenches import toolchain
from spikelock.testbenches.lockstep import Built, Job, Model, build_verilog

LEVEL = Port({"value": unsigned(8)}, kind="level")
VERILOG = """
module dut(input clk, input rst, input [7:0] a, output reg [7:0] b);
  always @(posedge clk) b <= a ^ 8'd{constant};
endmodule
"""


def built(constant: int = 1, coverage: bool = False) -> Built:
    return build_verilog(VERILOG.format(constant=constant), {"a": LEVEL}, {"b": LEVEL}, coverage=coverage)


def answer(model: Built) -> int:
    with Model(model) as running:
        return int(running.run(Job(levels={"a": {"value": 7}}, drain=2)).final["b"]["value"][0])


def test_a_second_build_runs_no_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    first = built()

    def no_tool(*_: object) -> None:
        raise AssertionError("a tool was run")

    monkeypatch.setattr(toolchain, "run", no_tool)
    assert built() == first
    assert answer(built()) == 7 ^ 1


def test_whatever_decides_a_model_is_in_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(
        "spikelock.testbenches.lockstep.builds.cached", lambda kind, key, make: made.append(key)
    )
    built()
    built(2)
    built(coverage=True)
    build_verilog(VERILOG.format(constant=1), {"a": Port({"bits": unsigned(8)}, kind="level")}, {"b": LEVEL})
    monkeypatch.setattr(toolchain, "version", lambda distribution: "another")
    built()
    assert len(set(made)) == len(made) == 5


def test_a_built_model_is_a_plain_value() -> None:
    assert answer(pickle.loads(pickle.dumps(built()))) == 7 ^ 1


def test_a_missing_compiler_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingTool, match=r"g\+\+ is not installed: apt install g\+\+"):
        built()


BUILD = """
from spikelock.testbenches.lockstep.test_builds import answer, built
print(answer(built()))
"""


@pytest.mark.parametrize("stage", ["dut.v", "obj/Vdut.h", "obj/model.cpp", "model.so"])
def test_a_build_killed_at_any_stage_is_made_anew(stage: str, tmp_path: Path) -> None:
    """The runtime comes from the real cache; the model's own build is killed once a file of it is there."""
    built()
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "verilator").symlink_to(cache_folder().absolute() / "verilator")
    environment = os.environ | {"SPIKELOCK_CACHE": str(cache)}
    process = subprocess.Popen([sys.executable, "-c", BUILD], env=environment, stdout=subprocess.PIPE)
    while not list(cache.glob(f"lockstep/*.partial-*/{stage}")):
        if process.poll() is not None:
            break
        time.sleep(0.001)
    process.kill()
    process.communicate()

    done = subprocess.run([sys.executable, "-c", BUILD], env=environment, capture_output=True, text=True)
    assert done.stdout == "6\n", done.stderr
    entries = [path for path in (cache / "lockstep").iterdir() if path.suffix != ".lock"]
    assert [sorted(path.name for path in entry.iterdir()) for entry in entries] == [["dut.v", "model.so"]]

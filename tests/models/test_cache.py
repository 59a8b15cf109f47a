"""The build cache makes entries once, whole or not at all, and names a folder that cannot be written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spikelock.models.cache import cache_folder, cached, key_of
from spikelock.models.errors import BadInput


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPIKELOCK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_key_is_that_of_its_parts() -> None:
    assert key_of("a", "b") == key_of("a", b"b")
    assert len({key_of("ab"), key_of("a", "b"), key_of("b", "a"), key_of("", "ab"), key_of("ab", "")}) == 5


def test_an_entry_is_made_once(folder: Path) -> None:
    calls = []

    def build(into: Path) -> None:
        calls.append(into)
        (into / "product").write_text("done")

    entry = cached("kind", "key", build)
    assert cached("kind", "key", build) == entry == folder / "kind" / "key"
    assert (entry / "product").read_text() == "done"
    assert len(calls) == 1
    assert cached("kind", "other", build) != entry
    assert len(calls) == 2


def test_a_failed_build_leaves_nothing(folder: Path) -> None:
    def fail(into: Path) -> None:
        (into / "half").write_text("")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cached("kind", "key", fail)
    assert [path.name for path in (folder / "kind").iterdir()] == ["key.lock"]
    assert cached("kind", "key", lambda into: None).is_dir()


def test_what_a_killed_build_left_is_removed(folder: Path) -> None:
    left = folder / "kind" / "key.partial-0123abcd"
    left.mkdir(parents=True)
    (left / "half").write_text("")
    cached("kind", "key", lambda into: None)
    assert not left.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_or_read_only_disk_is_named(number: int, folder: Path) -> None:
    def fail(into: Path) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.raises(BadInput, match=f"{os.strerror(number)}; free space there, or set SPIKELOCK_CACHE"):
        cached("kind", "key", fail)
    assert not (folder / "kind" / "key").exists()


def test_a_file_where_the_cache_should_be(folder: Path) -> None:
    folder.write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        cached("kind", "key", lambda into: None)


def test_other_errors_pass_through() -> None:
    def fail(into: Path) -> None:
        (into / "missing").read_text()

    with pytest.raises(FileNotFoundError):
        cached("kind", "key", fail)


def test_the_user_cache_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPIKELOCK_CACHE")
    assert cache_folder().name == "spikelock"


ONE_OF_SEVERAL = """
import sys, time
from pathlib import Path
from spikelock.models.cache import cached

def build(into):
    with open(sys.argv[1], "a") as log:
        log.write("built\\n")
    (into / "first").write_text("1")
    time.sleep(0.3)
    (into / "second").write_text("2")

entry = cached("kind", "key", build)
assert (entry / "first").read_text() + (entry / "second").read_text() == "12"
"""


def test_several_processes_make_it_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", ONE_OF_SEVERAL, str(log)]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    assert log.read_text() == "built\n"


def test_a_builder_killed_while_it_builds(tmp_path: Path, folder: Path) -> None:
    log = tmp_path / "log"
    process = subprocess.Popen([sys.executable, "-c", ONE_OF_SEVERAL.replace("0.3", "3600"), str(log)])
    while not list(folder.glob("kind/key.partial-*/first")):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert not (folder / "kind" / "key").exists()
    subprocess.run([sys.executable, "-c", ONE_OF_SEVERAL, str(log)], check=True)
    assert sorted(path.name for path in (folder / "kind").iterdir()) == ["key", "key.lock"]

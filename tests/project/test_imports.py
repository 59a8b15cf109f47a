"""What may be imported where, beyond the arrows that import-linter keeps.

The reference, the engine, the hardware and the proof of a core are worth comparing only while they are
written separately. So what each takes from the specifications is limited to *declarations*: parameters,
formats, ports, registers, `CORE`. A function is a declaration where it returns one, as `unsigned(8)` does.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from amaranth.hdl import Shape
from amaranth.lib import data, wiring

from spikelock.models.core import NOT_FAMILIES, Configuration, Core
from spikelock.models.fixed import Q
from spikelock.models.lfsr import LFSR
from spikelock.models.ports import Layout, Memory, Register

ROOT = Path(__file__).parents[2]
FOLDERS = ("models", "rtl", "testbenches", "hil", "drivers", "formal", "cli")
DECLARATIONS = (Q, Layout, Register, Memory, LFSR, Core, Configuration)
SHAPES = (Shape, data.Layout, wiring.Signature, wiring.Member)
"""Declarations of Amaranth's, made from ours."""
ARITHMETIC = {
    f"__{side}{name}__"
    for name in ("add", "sub", "mul", "floordiv", "lshift", "rshift")
    for side in ("", "r")
}
BEHAVIOUR = {"reference", "initial"}
"""Fields of `CORE` that compute."""


# ---------------------------------------------------------------- reading imports
@dataclass(frozen=True)
class Import:
    """`from module import name`, or `import module` where `name` is None."""

    line: int
    module: str
    name: str | None
    lazy: bool


def imports(source: str, package: str) -> Iterator[Import]:
    """Every import of a module that lies in `package`; `lazy` where inside a function."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name, None, id(node) in inside)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                module = importlib.util.resolve_name("." * node.level + module, package)
            for alias in node.names:
                yield Import(node.lineno, module, alias.name, id(node) in inside)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def package_of(path: Path) -> str:
    return ".".join(("spikelock", *path.relative_to(ROOT).parent.parts))


def is_of_a_core(module: str) -> bool:
    """Whether the module is, or is inside, a family of specifications: `spikelock.models.neurons.lif`."""
    parts = module.split(".")
    return (
        parts[:2] == ["spikelock", "models"]
        and len(parts) > 2
        and parts[2] not in NOT_FAMILIES
        and (ROOT / "models" / parts[2]).is_dir()
    )


# ---------------------------------------------------------------- declarations only
def is_declaration(thing: Any) -> bool:
    """Whether an imported object declares without computing."""
    if isinstance(thing, type) and not typing.get_origin(thing):
        if ARITHMETIC & vars(thing).keys():
            return False
        return is_dataclass(thing) or issubclass(thing, Enum | Exception)
    if isinstance(thing, Mapping):
        return all(is_declaration(value) for value in typing.cast(Mapping[str, Any], thing).values())
    if isinstance(thing, tuple):
        return all(is_declaration(value) for value in thing)
    if isinstance(thing, int | str | Enum) or is_dataclass(thing):
        return True
    if typing.get_origin(thing) is not None:  # a type alias
        return True
    return callable(thing) and returns_declaration(thing)


def returns_declaration(function: Any) -> bool:
    try:
        hint = typing.get_type_hints(function).get("return")
    except (NameError, TypeError):
        return False
    wanted = (*DECLARATIONS, *SHAPES)
    parts = [part for part in typing.get_args(hint) or (hint,) if part is not str and part is not Ellipsis]
    return all(isinstance(part, type) and issubclass(part, wanted) for part in parts)


def computing_methods(thing: Any) -> set[str]:
    """Names of the public methods that give anything but a declaration."""
    owner: type = thing if isinstance(thing, type) else type(thing)
    if not owner.__module__.startswith("spikelock."):
        return set()
    return {
        name
        for base in owner.__mro__
        if base.__module__.startswith("spikelock.")
        for name, method in vars(base).items()
        if callable(method) and not name.startswith("_") and not returns_declaration(method)
    }


def resolve(module: str, name: str) -> Any:
    parent = importlib.import_module(module)
    return getattr(parent, name) if hasattr(parent, name) else importlib.import_module(f"{module}.{name}")


def offences(source: str, package: str, watched: Callable[[str], bool]) -> list[str]:
    """Where a source takes more than declarations from the modules that are watched."""
    found: list[str] = []
    forbidden_calls = set(BEHAVIOUR)
    for each in imports(source, package):
        if each.module == "importlib" or each.module.startswith("importlib."):
            found.append(f"line {each.line}: looks modules up at run time, where this test cannot see which")
        if not watched(each.module) and not (each.name and watched(f"{each.module}.{each.name}")):
            continue
        if each.name is None or each.name == "*":
            found.append(
                f"line {each.line}: import the declarations of {each.module} by name, not the module"
            )
            continue
        thing = resolve(each.module, each.name)
        if isinstance(thing, ModuleType):
            found.append(f"line {each.line}: import the declarations of {each.name} by name, not the module")
        elif not is_declaration(thing):
            found.append(
                f"line {each.line}: {each.name} of {each.module} computes; only declarations may be used"
            )
        else:
            forbidden_calls |= computing_methods(thing)
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in forbidden_calls
        ):
            found.append(f"line {node.lineno}: .{node.func.attr}() computes; only declarations may be used")
    return found


def watched_by_rtl(module: str) -> bool:
    return module.startswith("spikelock.models")


def watched_by_engine(module: str) -> bool:
    return is_of_a_core(module) or module == "spikelock.models.core"


def watched_by_formal(module: str) -> bool:
    return watched_by_rtl(module) or module == "spikelock.rtl.fixed"


@pytest.mark.parametrize(
    ("pattern", "watched"),
    [
        ("rtl/**/*.py", watched_by_rtl),
        ("models/engine/**/*.py", watched_by_engine),
        ("formal/*/*.py", watched_by_formal),
    ],
)
def test_takes_declarations_only(pattern: str, watched: Callable[[str], bool]) -> None:
    paths = [path for path in ROOT.glob(pattern) if not path.name.startswith("test_")]
    assert paths, f"no source matches {pattern}"
    found = {
        str(path.relative_to(ROOT)): offences(path.read_text(), package_of(path), watched) for path in paths
    }
    assert {path: some for path, some in found.items() if some} == {}


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("from spikelock.models.fixed import Q, shift_right", "shift_right"),
        ("from spikelock.models.fixed import Interval", "Interval"),
        ("from spikelock.models import fixed", "the module"),
        ("import spikelock.models.fixed as numbers", "the module"),
        ("from spikelock.models.neurons.lif import *", "the module"),
        ("from spikelock.models.neurons.lif import reference", "reference"),
        ("from ...models.neurons.lif import initial", "initial"),
        ("def f():\n    from spikelock.models.fixed import fit", "line 2: fit"),
        ("from spikelock.models.core import run_reference", "run_reference"),
        ("from spikelock.models.engine.neurons.lif import LIF", "LIF"),
        ("from spikelock.models.neurons.lif import CORE\nCORE.reference(1)", "line 2: .reference()"),
        ("from spikelock.models.lfsr import LFSRS, LFSR\nx.next(1)", "line 2: .next()"),
        ("from spikelock.models.ports import Port\np.pack(r)", "line 2: .pack()"),
        ("from importlib import import_module", "run time"),
    ],
)
def test_control_arithmetic_in_rtl_is_found(source: str, what: str) -> None:
    (offence,) = offences(source, "spikelock.rtl.neurons", watched_by_rtl)
    assert what in offence


def test_control_declarations_pass() -> None:
    source = """
from spikelock.models.core import Core
from spikelock.models.errors import RangeError
from spikelock.models.fixed import Overflow, Q, Rounding, signed, unsigned
from spikelock.models.lfsr import LFSR, LFSRS
from spikelock.models.neurons.lif import CORE, PUBLISHED, Params, ResetMode, inputs, registers
from spikelock.models.ports import Layout, Port, Records, RegisterMap, load_port
CORE.inputs(Params())
"""
    assert offences(source, "spikelock.rtl.neurons", watched_by_rtl) == []


@pytest.mark.parametrize(
    "source",
    [
        "from spikelock.models.neurons.lif import reference",
        "from spikelock.models.neurons import lif",
        "from ...neurons.lif import reference",
        "from spikelock.models.core import run_reference",
        "from spikelock.models.neurons.lif import CORE\nCORE.reference()",
    ],
)
def test_control_reference_in_engine_is_found(source: str) -> None:
    assert len(offences(source, "spikelock.models.engine.neurons", watched_by_engine)) == 1


def test_control_rtl_arithmetic_in_a_property_is_found() -> None:
    source = "from ...rtl.fixed import shape, layout, shift_right"
    (offence,) = offences(source, "spikelock.formal.neurons", watched_by_formal)
    assert "shift_right" in offence


# ---------------------------------------------------------------- what models may import
STANDARD = {*sys.stdlib_module_names, "spikelock", "numpy"}
ALSO = {"models/cache.py": {"filelock", "platformdirs"}}
READER = "models/network/nir_reader.py"
MAPPING = "models/network/mapping"
IN_FUNCTIONS = {
    READER: {"nir", "h5py"},
    f"{MAPPING}/partition.py": {"pymetis"},
    f"{MAPPING}/placement.py": {"scipy"},
    f"{MAPPING}/turns.py": {"networkx"},
    "models/package/topology.py": {"networkx"},
    "models/package/routing.py": {"networkx"},
    "models/package/thermal.py": {"scipy"},
}
"""Optional packages: imported where they are used, so that all else works without them."""


def foreign(source: str, path: str) -> list[str]:
    """Imports in `models` that reach beyond the standard library and NumPy, or into the engine."""
    found: list[str] = []
    reference = is_of_a_core(path.removesuffix(".py").replace("/", ".").join(("spikelock.", "")))
    for each in imports(source, "spikelock." + ".".join(Path(path).parent.parts)):
        top = each.module.partition(".")[0]
        allowed = STANDARD | ALSO.get(path, set()) | (IN_FUNCTIONS.get(path, set()) if each.lazy else set())
        if top not in allowed:
            found.append(f"line {each.line}: {each.module}")
        if reference and "spikelock.models.engine" in f"{each.module}.{each.name}":
            found.append(f"line {each.line}: a specification uses the engine it is compared with")
    return found


def test_models_stand_on_numpy() -> None:
    found = {
        name: foreign(path.read_text(), name)
        for path in sources("models")
        if (name := str(path.relative_to(ROOT)))
    }
    assert len(found) > 10
    assert {name: some for name, some in found.items() if some} == {}


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("import scipy.signal", "models/fixed.py"),
        ("import nir", READER),
        ("import filelock", "models/fixed.py"),
        ("def f():\n    import h5py", "models/fixed.py"),
        ("from spikelock.models.engine.neurons.lif import LIF", "models/neurons/lif.py"),
        ("from ..engine.neurons import lif", "models/neurons/lif.py"),
    ],
)
def test_control_foreign_imports_are_found(source: str, path: str) -> None:
    assert len(foreign(source, path)) == 1


def test_control_the_reader_may_import_nir_inside_a_function() -> None:
    assert foreign("def f():\n    import nir", READER) == []


# ---------------------------------------------------------------- one name for each module
def bare(source: str, package: str) -> list[str]:
    """Imports by the bare name of a folder, which work only by accident of the working directory."""
    return [
        f"line {each.line}: import spikelock.{each.module}"
        for each in imports(source, package)
        if each.module.partition(".")[0] in FOLDERS
    ]


def test_folders_are_imported_as_spikelock() -> None:
    paths = sources(*FOLDERS, "tests", "docs", "examples", "benchmarks")
    found = {str(path.relative_to(ROOT)): bare(path.read_text(), package_of(path)) for path in paths}
    assert {path: some for path, some in found.items() if some} == {}


@pytest.mark.parametrize("source", ["import models.fixed", "from rtl.neurons.lif import LIF", "import cli"])
def test_control_a_bare_folder_is_found(source: str) -> None:
    assert len(bare(source, "spikelock.models")) == 1

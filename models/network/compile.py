"""From a file to a program, in one call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

from spikelock.models.errors import BadInput

from .discretise import Discretisation, discretise
from .lower import lower
from .nir_reader import read_nir
from .program import Program
from .quantise import Quantisation, quantise
from .report import Report


@dataclass(frozen=True)
class Options:
    """Every choice between a NIR file and its integers."""

    discretisation: Discretisation = field(default_factory=Discretisation)
    quantisation: Quantisation = field(default_factory=Quantisation)


def compile_nir(path: str | Path, options: Options | None = None) -> tuple[Program, Report]:
    """Reads, lowers, discretises and quantises a NIR file; the program's `about` says from what and how.

    Raises BadInput and MissingTool as `read_nir`, `lower`, `discretise` and `quantise` do.
    """
    options = options or Options()
    path = Path(path)
    graph = read_nir(path)
    try:
        program, report = quantise(discretise(lower(graph), options.discretisation), options.quantisation)
    except BadInput as error:
        raise type(error)(f"{path}: {error}") from error
    about = {
        "source": {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
        "discretisation": _plain(asdict(options.discretisation)),
        "quantisation": _plain(asdict(options.quantisation)),
        "report": report.as_json(),
    }
    return replace(program, about=about), report


def _plain(choices: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.value if isinstance(value, Enum) else value for name, value in choices.items()}

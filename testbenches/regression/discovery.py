"""Which checks there are: the modules of `regression/checks`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from spikelock.models.errors import BadInput, MissingTool

from . import checks
from .task import Check


def check_names() -> list[str]:
    """Names of all checks, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(checks.__path__))


def find_check(name: str) -> Check:
    """The check of that name.

    Raises BadInput, naming the checks there are; MissingTool where it needs a package that is not installed.
    """
    if name not in check_names():
        raise BadInput(f"no check is called {name!r}; there are: {', '.join(check_names())}")
    with packages_for(name):
        return cast(Check, importlib.import_module(f"{checks.__name__}.{name}"))


@contextmanager
def packages_for(check: str) -> Iterator[None]:
    """Inside, an import that fails for want of an installed package raises MissingTool."""
    try:
        yield
    except ModuleNotFoundError as error:
        if str(error.name).startswith("spikelock"):
            raise
        raise MissingTool(
            f"check {check} needs the Python package {error.name}: pip install 'spikelock[all]'"
        ) from error

"""Parameters of a module from the fields of a core's Params, and which fields the module follows."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

from spikelock.models.core import Core

from .fitting import names_text
from .interface import Value
from .mapping import SUM, ModuleMap


def read_fields(core: Core) -> list[str]:
    """Names of the fields of a core's Params."""
    return [field.name for field in dataclasses.fields(core.params)]


def settable_fields(found: ModuleMap) -> set[str]:
    """Fields of Params that the module follows, by its parameters."""
    sums = (value for value in found.parameters.values() if isinstance(value, str) and SUM.fullmatch(value))
    return {word for text in sums for word in text.split()}


def parameter_values(found: ModuleMap, core: Core, params: Any) -> dict[str, Value]:
    """Values of the module's parameters for these Params."""
    known = read_fields(core)
    values: dict[str, Value] = {}
    for name, given in found.parameters.items():
        if not isinstance(given, str):
            values[name] = given
            continue
        if given.startswith("'") and given.endswith("'") and len(given) > 1:
            values[name] = given[1:-1]
            continue
        terms = given.split() if SUM.fullmatch(given) else []
        total = 0
        for sign, word in zip(["+", *terms[1::2]], terms[::2], strict=True):
            value = int(word) if word.isdigit() else getattr(params, word, None) if word in known else None
            if isinstance(value, Enum) or not isinstance(value, int):
                what = f"the field {word}, which is {value}" if word in known else repr(word)
                raise found.error(
                    "parameters",
                    f"{name} = {given!r}: {what} is no number; a sum of fields and numbers fits, such as "
                    f'"width - fraction", a constant such as 3, or a text such as "\'fast\'". '
                    f"Fields: {names_text(known, word)}",
                )
            total += value if sign == "+" else -value
        if not terms:
            raise found.error(
                "parameters", f'{name} = {given!r}: a sum of fields such as "width - fraction" fits'
            )
        values[name] = total
    return values

"""Parameters as JSON values, and back: dataclasses, enumerations, tuples, sets, numbers, strings, nested.

The types of the fields say how they are read back, so a core's Params need nothing but their annotations.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any

from spikelock.models.errors import BadInput

JSON_NAMES = {bool: "true or false", int: "an integer", float: "a number", str: "a string"}
"""What the plain types are called in messages."""


def to_plain(value: Any) -> Any:
    """A dataclass becomes an object of its fields, an enumeration its value, a tuple or a set a list.

    Raises BadInput for what has no such form.
    """
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    if isinstance(value, frozenset):
        return sorted(to_plain(one) for one in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise BadInput(
        f"{value!r} is a {type(value).__name__}, which has no plain form; dataclasses, enumerations, tuples, "
        "sets, numbers and strings have"
    )


def from_plain(kind: Any, data: Any, where: str = "params") -> Any:
    """The value of type `kind` that `to_plain` has written as `data`; missing fields keep their defaults.

    where: what messages call it. Raises BadInput where the data are not of that type, or break a rule of it.
    """
    if kind is Any:
        return data
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _one_of(arguments, data, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _member(kind, data, where)
    if is_dataclass(kind):
        return _instance(kind, data, where)
    if origin is typing.Literal:
        return _literal(arguments, data, where)
    if origin is tuple:
        return _tuple(arguments, data, where)
    if origin is frozenset:
        return frozenset(_tuple((*arguments, ...), data, where))
    if kind is type(None) and data is None:
        return None
    if kind is float and type(data) is int:
        return float(data)
    if kind in JSON_NAMES and type(data) is kind:
        return data
    raise BadInput(f"{where}: {_shown(data)} is given; {_expected(kind)} is needed")


def _instance(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise BadInput(
            f"{where}: {_shown(data)} is given; an object with the fields of {kind.__name__} is needed"
        )
    known = {field.name: field for field in fields(kind) if field.init}
    if unknown := sorted(data.keys() - known.keys()):
        raise BadInput(f"{where} has no field {unknown[0]!r}; it has: {', '.join(known)}")
    for name, field in known.items():
        if name not in data and field.default is MISSING and field.default_factory is MISSING:
            raise BadInput(f"{where}: the field {name!r} is missing; it has no default")
    hints = typing.get_type_hints(kind)
    values = {name: from_plain(hints[name], one, f"{where}.{name}") for name, one in data.items()}
    try:
        return kind(**values)
    except BadInput as error:
        raise type(error)(f"{where}: {error}") from error


def _member(kind: type[Enum], data: Any, where: str) -> Enum:
    for member in kind:
        if member.value == data and type(member.value) is type(data):
            return member
    raise BadInput(f"{where}: {_shown(data)} is none of {', '.join(repr(member.value) for member in kind)}")


def _literal(values: Sequence[Any], data: Any, where: str) -> Any:
    for value in values:
        if value == data and type(value) is type(data):
            return value
    raise BadInput(f"{where}: {_shown(data)} is none of {', '.join(repr(value) for value in values)}")


def _tuple(arguments: Sequence[Any], data: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise BadInput(f"{where}: {_shown(data)} is given; a list is needed")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        arguments = [arguments[0]] * len(data)
    if len(arguments) != len(data):
        raise BadInput(f"{where}: {len(data)} items are given; {len(arguments)} are needed")
    return tuple(
        from_plain(kind, one, f"{where}[{number}]")
        for number, (kind, one) in enumerate(zip(arguments, data, strict=True))
    )


def _one_of(kinds: Sequence[Any], data: Any, where: str) -> Any:
    problems = []
    for kind in kinds:
        try:
            return from_plain(kind, data, where)
        except BadInput as error:
            problems.append(str(error))
    raise BadInput("; or ".join(problems))


def _expected(kind: Any) -> str:
    return "null" if kind is type(None) else JSON_NAMES.get(kind, f"a {getattr(kind, '__name__', kind)}")


def _shown(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:60]}…"

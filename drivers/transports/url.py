"""One URL says which line: `serial:/dev/ttyUSB1?baud=3000000`, `udp:HOST:PORT`, `virtual:`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from spikelock.models.errors import BadInput

from .faults import Faulty, parse_faults
from .serial_port import open_serial
from .transport import Transport
from .udp import open_udp


@dataclass(frozen=True)
class Scheme:
    """What one kind of URL stands for.

    open: makes a transport of what stands between the scheme and `?`, and of the queries behind.
    queries: those that it knows. example: a URL that works.
    """

    open: Callable[[str, Mapping[str, str]], Transport]
    queries: frozenset[str]
    example: str


SCHEMES: Mapping[str, Scheme] = {
    "serial": Scheme(open_serial, frozenset({"baud"}), "serial:/dev/ttyUSB1?baud=3000000"),
    "udp": Scheme(open_udp, frozenset(), "udp:127.0.0.1:5005"),
}
"""What needs nothing but an operating system. Who has more hands it to `open_transport`."""


def open_transport(url: str, more: Mapping[str, Scheme] | None = None) -> Transport:
    """The line that a URL names; `?faults=SPEC` puts faults on any, see `parse_faults`.

    `more`: further schemes, such as `virtual`. Raises BadInput for a URL that breaks a rule, LineLost where
    nothing is there, MissingTool where a package is missing.
    """
    schemes = {**SCHEMES, **(more or {})}
    name, colon, rest = url.partition(":")
    if not colon or name not in schemes:
        examples = ", ".join(scheme.example for scheme in schemes.values())
        raise BadInput(f"URL {url!r}: a URL begins with a scheme that is known; these work: {examples}")
    scheme = schemes[name]
    rest, _, query_text = rest.partition("?")
    query = dict(parse_qsl(query_text, keep_blank_values=True))
    faults = query.pop("faults", None)
    if not query.keys() <= scheme.queries:
        unknown = ", ".join(sorted(query.keys() - scheme.queries))
        raise BadInput(
            f"URL {url!r}: {unknown} is no query of {name}:, which knows "
            f"{', '.join(sorted(scheme.queries | {'faults'}))}; {scheme.example} works"
        )
    parsed = None if faults is None else parse_faults(faults)
    transport = scheme.open(unquote(rest), query)
    return transport if parsed is None else Faulty(transport, parsed)

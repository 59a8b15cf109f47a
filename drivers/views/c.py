"""The view of C: a header of constants, and the driver that reads and writes registers over the link."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spikelock.models.link.protocol import LONGEST_PACKET, VERSION, Channel, Kind

from .described import Described


def header(described: Described) -> str:
    """Constants of every register: address on the link, format, range and value after reset."""
    guard = f"{described.identifier.upper()}_REGISTERS_H"
    lines = [f"/* Registers of {described.name}. Made by 'spikelock registers'; do not edit. */"]
    lines += [f"#ifndef {guard}", f"#define {guard}", "", "#include <stdint.h>"]
    for index, (name, register) in enumerate(described.registers.items()):
        q, start = register.q, f"{described.identifier}_{name}".upper()
        constants: Mapping[str, str] = {
            "ADDRESS": f"0x{described.first + index:X}u",
            "BITS": str(q.width),
            "FRACTION": str(q.fraction),
            "SIGNED": str(int(q.signed)),
            "WRITABLE": str(int(name not in described.read_only)),
            "MINIMUM": literal(q.minimum),
            "MAXIMUM": literal(q.maximum),
            "RESET": literal(register.reset),
        }
        lines += ["", f"/* {register.doc.replace('*/', '* /')} */"]
        lines += [f"#define {start}_{what} {value}" for what, value in constants.items()]
    return "\n".join([*lines, "", f"#endif /* {guard} */", ""])


def literal(value: int) -> str:
    """An integer constant of C, of any 64 bits."""
    if value >= 1 << 63:
        return f"UINT64_C({value})"
    return f"INT64_C({value})" if value > -(1 << 63) else f"(INT64_C({value + 1}) - 1)"


def driver() -> dict[str, str]:
    """The driver: its files by name. Kinds, channels and lengths are those of `models/link/protocol.py`."""
    constants = {"VERSION": VERSION, "LONGEST_PACKET": LONGEST_PACKET}
    constants |= {f"KIND_{kind.name}": int(kind) for kind in Kind}
    constants |= {f"CHANNEL_{channel.name}": int(channel) for channel in Channel}
    defined = "\n".join(f"#define SPIKELOCK_{name} {value}" for name, value in constants.items())
    here = Path(__file__).parent
    text = (here / "spikelock_link.h.in").read_text(encoding="utf-8").replace("@CONSTANTS@", defined)
    source = (here / "spikelock_link.c").read_text(encoding="utf-8")
    return {"spikelock_link.h": text, "spikelock_link.c": source}

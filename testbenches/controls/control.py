"""What came of a control."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ControlResult:
    """name: what was corrupted, or repeated. seen: what the check said of it.

    wrong: why the control failed, one sentence; empty where all is well.
    """

    name: str
    seen: tuple[str, ...] = ()
    wrong: str = ""

    @property
    def passed(self) -> bool:
        """The check did what it must."""
        return not self.wrong


def must_be_red(name: str, seen: tuple[str, ...]) -> ControlResult:
    """The result of a control that a check must see."""
    return ControlResult(name, seen, "" if seen else f"{name}: the check stays green")

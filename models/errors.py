"""Every error a user can cause, drawn once.

    SpikelockError                 exit code 1 unless said otherwise
    ├── BadInput                   2: a file, argument or value breaks a rule
    │   └── RangeError             2: a value or an intermediate does not fit its format
    ├── LinkError                  1: who should answer at the other end of a line does not
    │   ├── LineLost               1: the line is gone: unplugged, closed, refused
    │   └── SessionLost            1: the board was restarted, or another host has taken it
    └── MissingTool                3: a program or an optional package is not installed

A message names the value, the rule it breaks, and something that works.
"""

from __future__ import annotations


class SpikelockError(Exception):
    """Base of all errors Spikelock raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class BadInput(SpikelockError, ValueError):
    """A file, an argument or a value breaks a stated rule."""

    exit_code = 2


class RangeError(BadInput):
    """A value, or an intermediate result that was computed ahead, does not fit its number format."""


class LinkError(SpikelockError):
    """Who should answer at the other end of a line does not, or not by the rules."""


class LineLost(LinkError):
    """A line is gone: unplugged, closed, refused. It may come back."""


class SessionLost(LinkError):
    """A board was restarted, or another host has taken it; the message says what was lost."""


class MissingTool(SpikelockError):
    """A program or an optional Python package is missing; the message names what brings it."""

    exit_code = 3

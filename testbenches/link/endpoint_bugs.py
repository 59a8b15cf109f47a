"""Mistakes that people make in `link.endpoint`, and what must catch each."""

from __future__ import annotations

from spikelock.testbenches.known_bugs.bug import KnownBug

BUGS: tuple[KnownBug, ...] = ()

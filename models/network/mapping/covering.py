"""Ordered covering: a smaller table that sends every key where the larger one does.

Entries of equal outputs are merged into one with fewer bits in its mask, which then also matches keys that
the table did not know, and those of entries that stand before it. The table is kept in order of *generality*
(how many bits of a key may be anything), so the more special entry decides. A merge may

- come to stand behind an entry it would hide from itself: that member cannot join (*up check*), and
- cover entries that stand behind it, and take their keys (*down check*): members leave, until the merge has
  grown special enough to avoid them.

What an entry was made of (its *aliases*) is remembered, as only these keys must go right. Keys that go by the
default route have no entry, so no merge may take them: they are *free*, and stand behind everything.

Source: Mundy, Heathcote, Garside, "On-chip order-exploiting routing table minimization for a multicast
supercomputer network", HPSR 2016.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spikelock.models.errors import BadInput

from .tables import Entry, Table


@dataclass(frozen=True)
class _Merged:
    """An entry, and the entries of the table at the beginning that it stands for."""

    entry: Entry
    aliases: tuple[Entry, ...]


def compress(table: Table, entries: int, key_width: int, free: Table = ()) -> list[Entry]:
    """A table of at most `entries`, equal to `table` for every key that one of its entries matches.

    Keys of `free` match nothing in it. The entries of `table` and `free` must not meet each other. Raises
    BadInput where it does not become small enough, with how small it became.
    """
    small = shortened(table, entries, key_width, free)
    if len(small) > entries:
        raise BadInput(
            f"a routing table of {len(table)} entries compresses to {len(small)}; the routers have "
            f"{entries}: {len(small)} entries, or fewer and larger parts, would do"
        )
    return small


def shortened(table: Table, entries: int, key_width: int, free: Table = ()) -> list[Entry]:
    """Such a table, of `entries` or, where merges do not get so far, as few as they leave."""
    merged = _sorted([_Merged(entry, (entry,)) for entry in table], key_width)
    while len(merged) > entries:
        best = _best_merge(merged, key_width, free)
        if len(best) < 2:
            break
        merged = _apply(merged, best, key_width)
    return [one.entry for one in merged]


def _sorted(table: Iterable[_Merged], width: int) -> list[_Merged]:
    return sorted(table, key=lambda one: one.entry.generality(width))


def _best_merge(table: Sequence[_Merged], width: int, free: Table) -> frozenset[int]:
    """The allowed merge that takes most entries away, as positions in the table."""
    groups = defaultdict(list)
    for position, one in enumerate(table):
        groups[one.entry.outputs].append(position)
    best: frozenset[int] = frozenset()
    for group in sorted(groups.values(), key=len, reverse=True):
        if len(group) > max(1, len(best)):
            found = _allowed(table, frozenset(group), len(best), width, free)
            if len(found) > len(best):
                best = found
    return best if len(best) > 1 else frozenset()


def _allowed(
    table: Sequence[_Merged], members: frozenset[int], least: int, width: int, free: Table
) -> frozenset[int]:
    """The largest part found of a merge that hides nothing and is hidden by nothing."""
    while len(members) > max(1, least):
        checked = _up_check(table, members, width)
        if len(checked) > 1:
            checked = _down_check(table, checked, width, free)
        if checked == members:
            return members
        members = checked
    return frozenset()


def merge_of(entries: Iterable[Entry]) -> Entry:
    """The most special entry that matches all that some entries of equal outputs match."""
    entries = list(entries)
    any_ones = all_ones = entries[0].key
    mask = entries[0].mask
    for entry in entries[1:]:
        any_ones |= entry.key
        all_ones &= entry.key
        mask &= entry.mask
    mask &= ~(any_ones ^ all_ones)
    return Entry(entries[0].key & mask, mask, entries[0].outputs)


def _position(table: Sequence[_Merged], generality: int, width: int) -> int:
    """Where an entry of some generality is put: before the first that is as general."""
    return bisect_left(table, generality, key=lambda one: one.entry.generality(width))


def _merged(table: Sequence[_Merged], members: Iterable[int]) -> Entry:
    return merge_of(table[position].entry for position in members)


def _up_check(table: Sequence[_Merged], members: frozenset[int], width: int) -> frozenset[int]:
    """Members that no entry between them and the place of the merge would hide."""
    for position in sorted(members):
        place = _position(table, _merged(table, members).generality(width), width)
        between = (table[other] for other in range(position + 1, place) if other not in members)
        if any(alias.meets(other.entry) for other in between for alias in table[position].aliases):
            members -= {position}
            if len(members) < 2:
                return frozenset()
    return members


def _down_check(table: Sequence[_Merged], members: frozenset[int], width: int, free: Table) -> frozenset[int]:
    """Members whose merge takes no key of an entry that stands behind it, and none that is free."""
    while len(members) > 1:
        merge = _merged(table, members)
        place = _position(table, merge.generality(width), width)
        covered = [
            alias
            for other in range(place, len(table))
            if other not in members
            for alias in table[other].aliases
            if alias.meets(merge)
        ]
        covered += [entry for entry in free if entry.meets(merge)]
        if not covered:
            return members
        members = _avoiding(table, members, merge, covered)
    return frozenset()


def _avoiding(
    table: Sequence[_Merged], members: frozenset[int], merge: Entry, covered: Sequence[Entry]
) -> frozenset[int]:
    """Fewer members, whose merge has one bit more in its mask: one that sets it apart from a covered entry.

    Of the bits that would do, the one that keeps most members.
    """
    # The covered entry that can be set apart by fewest bits leaves least to choose.
    other = min(covered, key=lambda one: (one.mask & ~merge.mask).bit_count())
    apart = other.mask & ~merge.mask
    best: frozenset[int] = frozenset()
    while apart:
        bit = apart & -apart
        apart ^= bit
        kept = frozenset(
            position
            for position in members
            if table[position].entry.mask & bit and (table[position].entry.key ^ other.key) & bit
        )
        if len(kept) > len(best):
            best = kept
    return best


def _apply(table: Sequence[_Merged], members: frozenset[int], width: int) -> list[_Merged]:
    merge = _merged(table, members)
    aliases = tuple(alias for p in sorted(members) for alias in table[p].aliases)
    rest = [one for position, one in enumerate(table) if position not in members]
    place = _position(rest, merge.generality(width), width)
    return [*rest[:place], _Merged(merge, aliases), *rest[place:]]

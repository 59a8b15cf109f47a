"""Progress of long work, shown only where a person is looking."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def progress_bars(screen: Console) -> Progress:
    """Bars that count what is done, and vanish in the end. Use it as a context manager."""
    columns = TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)

"""A report in a folder: pictures, and the same figures as JSON, Markdown and one HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spikelock.models.errors import BadInput
from spikelock.models.files import written_whole
from spikelock.testbenches.report.page import filled
from spikelock.testbenches.report.tables import Table, divided, heading, text_of

from .outcome import write_json
from .svg import Picture

Report = Mapping[str, Any]
"""By section: a mapping of figures, or a list of mappings, each a row of a table."""


def write_report(folder: str, title: str, report: Report, pictures: Mapping[str, Picture]) -> list[Path]:
    """Writes report.json, report.md, index.html and NAME.svg for each picture; returns what it wrote.

    Raises BadInput where the folder cannot be written; MissingTool without jinja2, before anything is
    written.
    """
    page = page_of(title, report, pictures)
    place = made_folder(folder)
    texts = {f"{name}.svg": str(picture) for name, picture in pictures.items()}
    texts |= {"report.md": markdown(title, report, pictures), "index.html": page}
    for name, text in texts.items():
        with written_whole(place / name) as file:
            file.write(text.encode())
    write_json(str(place / "report.json"), dict(report))
    return [place / "report.json", *(place / name for name in texts)]


def made_folder(folder: str) -> Path:
    """The folder of that name, made if it is not there. Raises BadInput where it cannot be."""
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"cannot make the folder {place}: {error.strerror or error}; the name of a new folder, or of one "
            "that is there, works"
        ) from error
    return place


def page_of(title: str, report: Report, pictures: Mapping[str, Picture]) -> str:
    """The HTML text, with everything in it. Raises MissingTool without jinja2."""
    parts = divided(report)
    facts = [(heading(name), text_of(value)) for name, value in parts.figures.items()]
    drawn = [(picture.title, str(picture)) for picture in pictures.values()]
    return filled("plan.html", title=title, facts=facts, pictures=drawn, tables=parts.tables)


def markdown(title: str, report: Report, pictures: Mapping[str, Picture]) -> str:
    """The same as Markdown, which shows the pictures that lie beside it."""
    parts = divided(report)
    lines = [f"# {title}", ""]
    lines += [f"- {heading(name)}: {text_of(value)}" for name, value in parts.figures.items()]
    for name, picture in pictures.items():
        lines += ["", f"![{picture.title}]({name}.svg)"]
    for table in parts.tables:
        lines += ["", f"## {table.title}", "", *markdown_table(table)]
    return "\n".join([*lines, ""])


def markdown_table(table: Table) -> list[str]:
    """Its lines; numbers stand to the right."""
    rule = ["---:" if kind == "number" else "---" for kind in table.kinds]
    return [_row(table.columns), _row(rule), *(_row([text_of(value) for value in row]) for row in table.rows)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

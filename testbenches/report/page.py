"""Fills the template of the scorecard from a record."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spikelock.models.errors import MissingTool
from spikelock.models.files import written_whole

from .sections import sections_of
from .summary import summary_of

TEMPLATES = Path(__file__).parent / "templates"


def write_page(record: Mapping[str, Any], file: Path) -> None:
    """Writes the scorecard of a regression, as `testbenches/regression/record.py` describes its record.

    One HTML file without anything from elsewhere: it can be mailed, archived and printed.
    Raises MissingTool without jinja2, BadInput where the file cannot be written.
    """
    text = page_of(record)
    with written_whole(file) as out:
        out.write(text.encode())


def page_of(record: Mapping[str, Any]) -> str:
    """The HTML text. Raises MissingTool without jinja2."""
    return filled("page.html", summary=summary_of(record), sections=sections_of(record))


def filled(template: str, **content: Any) -> str:
    """The text of a template with its content. Raises MissingTool without jinja2."""
    try:
        jinja2 = importlib.import_module("jinja2")
    except ModuleNotFoundError as error:
        raise MissingTool(
            "the Python package jinja2, which fills reports, is not installed: "
            "pip install 'spikelock[report]'"
        ) from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text: str = environment.get_template(template).render(**content)
    return text

"""Sphinx settings. `make docs` builds the pages into build/docs; a warning is an error."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Spikelock"
author = "the Spikelock contributors"
project_copyright = f"2026, {author}"
release = metadata.version("spikelock")

extensions = ["myst_parser", "core_tables"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_ext"]
nitpicky = True

myst_enable_extensions = ["dollarmath", "deflist", "fieldlist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "Spikelock"
html_static_path = ["_static"]

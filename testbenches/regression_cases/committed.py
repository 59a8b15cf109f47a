"""What is kept with a core, for good, in `testbenches/<family>/cases/<core>`.

`*.json` are failures: each has the name of the known bug that it shows. `mutants/*.json` are stimuli
that tell a mutant from the core that random ones had not told from it. The core as it is passes all of them.
"""

from __future__ import annotations

from pathlib import Path


def committed_cases(core: str) -> list[Path]:
    """The files of a core's failures, by name."""
    return sorted(_folder(core).glob("*.json"))


def kept_stimuli(core: str) -> list[Path]:
    """The files of the stimuli that are kept to kill mutants, by name."""
    return sorted((_folder(core) / "mutants").glob("*.json"))


def _folder(core: str) -> Path:
    family, _, leaf = core.rpartition(".")
    return Path(__file__).parents[1] / family / "cases" / leaf

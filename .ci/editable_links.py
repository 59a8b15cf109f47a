"""Build hook: gives an editable install the same import names as the wheel.

The wheel maps `models/` to `spikelock/models/`. An editable install only adds a folder to `sys.path`, so this
hook makes `build/dev/spikelock/` hold one link per folder, and `dev-mode-dirs` puts `build/dev` on the path.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EditableLinks(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            return
        package = Path(self.root, "build", "dev", "spikelock")
        package.mkdir(parents=True, exist_ok=True)
        for folder in self.build_config.packages:
            link = package / folder
            target = Path("..", "..", "..", folder)
            if link.is_symlink() and link.readlink() == target:
                continue
            link.unlink(missing_ok=True)
            link.symlink_to(target, target_is_directory=True)

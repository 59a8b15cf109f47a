"""The checks of a regression: a module each, see `Check` in `regression/task.py`.

Modules in the folders that $SPIKELOCK_CHECKS names are checks too.
"""

import os

__path__ += [folder for folder in os.environ.get("SPIKELOCK_CHECKS", "").split(os.pathsep) if folder]

"""The checks of a regression: a module each, see `Check` in `regression/task.py`."""

"""Regression cases: failures of cores, made small, kept in files, and replayed at every level."""

from .case import Found, RegressionCase
from .case_file import load, save
from .committed import committed_cases, kept_stimuli
from .replaying import Replayed, replay
from .shrinking import Shrunk, shrink
from .storing import store_smallest

__all__ = [
    "Found",
    "RegressionCase",
    "Replayed",
    "Shrunk",
    "committed_cases",
    "kept_stimuli",
    "load",
    "replay",
    "save",
    "shrink",
    "store_smallest",
]

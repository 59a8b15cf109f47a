"""Regression cases: failures of cores, made small, kept in files, and replayed at every level."""

from .case import Found, RegressionCase
from .case_file import load, save

__all__ = ["Found", "RegressionCase", "load", "save"]

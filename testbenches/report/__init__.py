"""The scorecard: one self-contained page about a regression, made from its record."""

from .page import write_page

__all__ = ["write_page"]

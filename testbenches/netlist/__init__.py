"""Cores as netlists of FPGA cells: what they compute, and what they cost."""

from .families import FAMILIES, Family
from .synthesis import build_netlist, netlist

__all__ = ["FAMILIES", "Family", "build_netlist", "netlist"]

"""Runs RTL in lockstep with arrays of transactions: built once by Verilator, then driven in compiled code.

built = build(component, inputs, outputs)
with Model(built) as model:
    response = model.run(Job({"input": records}, expected={"output": wanted}, stalls=HEAVY, seed=5))
    assert response.ok, response.problems
"""

from .builds import Built, build, build_verilog
from .cores import build_core
from .job import Job
from .model import Clock, Model
from .parallel import in_processes, run_many
from .resets import problems_between_resets, reset_times, segments
from .response import ResetMark, Response
from .stalls import AFTER_VALID, BURSTS, HEAVY, LIGHT, NONE, PRESETS, Stall, exactly

__all__ = [
    "AFTER_VALID",
    "BURSTS",
    "HEAVY",
    "LIGHT",
    "NONE",
    "PRESETS",
    "Built",
    "Clock",
    "Job",
    "Model",
    "ResetMark",
    "Response",
    "Stall",
    "build",
    "build_core",
    "build_verilog",
    "exactly",
    "in_processes",
    "problems_between_resets",
    "reset_times",
    "run_many",
    "segments",
]

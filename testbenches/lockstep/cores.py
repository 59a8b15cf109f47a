"""Lockstep for a core: its ports and its component follow from its declaration."""

from __future__ import annotations

from typing import Any

from spikelock.models.core import Core, twin

from .builds import Built, build


def build_core(core: Core, params: Any, **options: Any) -> Built:
    """Builds the core's component with `params`; options are those of `build`."""
    component = twin(core.name, "rtl").component(params)
    return build(component, core.pins(params), core.outputs(params), **options)

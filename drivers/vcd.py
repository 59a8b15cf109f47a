"""Captures as VCD (value change dump, IEEE 1364), which wave viewers read."""

from __future__ import annotations

import io
from pathlib import Path

from spikelock.models.errors import MissingTool
from spikelock.models.files import written_whole

from .scope import Capture


def save_vcd(path: Path, capture: Capture) -> None:
    """Writes a capture, in nanoseconds from its first sample on.

    A state holds from its sample to the next; what is before the first sample is unknown. Records of a stream
    hold as well, and `passes` is 1 for the clock cycle in which one passes. `trigger` marks the trigger.
    Raises BadInput where it cannot be written, MissingTool where pyvcd is missing.
    """
    try:
        from vcd import VCDWriter
    except ImportError as error:
        raise MissingTool("VCD files need pyvcd: pip install 'spikelock[hil]'") from error
    text = io.StringIO()
    scope = capture.source.name.lower()
    first = int(capture.cycles[0])

    def nanoseconds(cycle: int) -> int:
        return round((cycle - first) * 1_000_000_000 / capture.clock)

    with VCDWriter(text, timescale="1 ns", comment=f"spikelock: {scope}", date="") as writer:
        fields = {
            name: writer.register_var(scope, name, "wire", size=q.width)
            for name, q in capture.layout.fields.items()
        }
        pulses = ["trigger", *(["passes"] if capture.is_stream else [])]
        pulse = {name: writer.register_var(scope, name, "wire", size=1, init=0) for name in pulses}
        cycles = capture.cycles.tolist()
        for index, (cycle, record) in enumerate(zip(cycles, capture.samples, strict=True)):
            now = nanoseconds(cycle)
            for name, variable in fields.items():
                writer.change(variable, now, int(record[name]))
            for name, variable in pulse.items():
                writer.change(variable, now, int(name == "passes" or index == capture.trigger))
            if cycle + 1 not in cycles[index + 1 : index + 2]:
                for variable in pulse.values():
                    writer.change(variable, nanoseconds(cycle + 1), 0)
        writer.close(nanoseconds(int(capture.cycles[-1]) + 1))
    with written_whole(path) as file:
        file.write(text.getvalue().encode())

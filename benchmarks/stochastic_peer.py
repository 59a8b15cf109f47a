"""What `stochastic.py` measures of SC-NeuroCore; it runs this in the environment of that package.

    python stochastic_peer.py OUTPUT.npz INPUTS NEURONS LENGTH SAMPLES STREAMS

Prints, as JSON, processor seconds by name, or a text that says why there are none. OUTPUT gets seeds and
values for its LFSR encoder, and the bits that it gives.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

FOR = 0.4
"""Seconds for which each is called."""


def best(function: Callable[[], object]) -> float:
    """Processor seconds of one call, the best of all within the time."""
    function()
    taken: list[float] = []
    while len(taken) < 3 or sum(taken) < FOR:
        start = time.process_time()
        function()
        taken.append(time.process_time() - start)
    return min(taken)


output, *sizes = sys.argv[1:]
inputs, neurons, length, samples, streams = map(int, sizes)
random = np.random.default_rng(1)
values = random.random((samples, inputs))
words = random.integers(0, 1 << 64, (neurons, inputs, -(-length // 64)), np.uint64)
figures: dict[str, float | str] = {}

inference: Any = importlib.import_module("sc_neurocore.accel.sc_inference")
vectors: Any = importlib.import_module("sc_neurocore.accel.vector_ops")
layers: Any = importlib.import_module("sc_neurocore.layers.vectorized_layer")
layer = layers.VectorizedSCLayer(inputs, neurons, length, use_gpu=False)
figures["VectorizedSCLayer"] = best(lambda: layer.forward(values[0]))
figures["sc_forward_numpy"] = best(lambda: inference.sc_forward_numpy(words, values[0], length))

integers = np.arange(streams) * 16 % 65537
encode: Callable[[], Any] = lambda: inference._lfsr_encode_bits(integers / 65536, length, 0xACE1)  # noqa: E731
figures["LFSR encoder"] = best(lambda: vectors.pack_bitstream(encode()))
np.savez(output, seeds=inference._input_seeds(0xACE1, streams), values=integers, bits=encode())

try:
    compiled: Any = importlib.import_module("sc_neurocore_engine.layers").VectorizedSCLayer
except ImportError as error:
    figures |= dict.fromkeys(("Rust, forward_prepacked", "Rust, forward", "Rust, forward_batch"), f"{error}")
else:
    rust = compiled(inputs, neurons, length)
    figures["Rust, forward_prepacked"] = best(lambda: rust.forward_prepacked_numpy(words[0]))
    figures["Rust, forward"] = best(lambda: rust.forward_numpy(values[0]))
    figures["Rust, forward_batch"] = best(lambda: rust.forward_batch_numpy(values))
print(json.dumps(figures))

"""Properties of the neuron cores."""

"""Neuron cores."""

"""Specifications: the equation of every core, its formats, and the golden engine that runs networks."""

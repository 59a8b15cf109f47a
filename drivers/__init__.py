"""A host's view of hardware: registers by name, over whatever link leads there."""

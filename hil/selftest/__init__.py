"""The self-test of a board: one list of named checks, from the line up to a whole network."""

"""Cores of the link between a host and a board: serial line, frames, reliable delivery, channels."""

"""Views of a register map for hosts: C, Python, SystemRDL, and what PeakRDL makes of that."""

"""Cores that watch hardware while it runs: probes and the comparison with a golden run."""

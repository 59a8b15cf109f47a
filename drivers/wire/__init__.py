"""Wire formats of other neuromorphic systems, on the host's side, both ways."""

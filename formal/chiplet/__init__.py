"""What joins two dies: proofs."""

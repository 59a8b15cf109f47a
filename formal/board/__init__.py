"""Proofs of the parts of a board. They are no cores: `docs/design.md` says why, and how they are checked."""

"""Mutation testing of benches: designs are altered in one place, and the bench of the core must notice."""

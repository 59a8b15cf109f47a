"""Hardware: every core as an Amaranth component."""

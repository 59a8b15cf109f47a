"""Register banks behind the buses of other people's systems: AXI4-Lite, Wishbone."""

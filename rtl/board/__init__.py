"""The top of an FPGA: a chain of tiles behind a link."""

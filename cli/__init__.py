"""The command line: `spikelock`."""

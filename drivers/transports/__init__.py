"""Lines to a board, chosen by a URL: serial ports, UDP, pairs within a process; with faults if wanted."""

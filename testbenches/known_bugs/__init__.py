"""Known bugs: broken cores, written by hand, and the check that must catch each of them."""

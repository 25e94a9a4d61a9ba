"""How fast the practice cluster is: `make bench`."""

"""Commands about load: `load`, and what its parts share."""

"""Shapes of the requests that the catalogue knows, and the comparison of captured requests with them."""

"""Ways in which the embedded Bitwarden can differ from the one that is known."""

"""One's own app from a capture: how it is set up at the identity provider, as far as its requests show."""

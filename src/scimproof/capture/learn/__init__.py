"""Learning from a capture: whose traffic it is, and where it differs from what is sent here."""

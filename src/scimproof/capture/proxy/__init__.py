"""Recording proxy: passes bytes between a sender and a target at once, and keeps what passed, masked."""

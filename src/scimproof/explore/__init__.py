"""Search of histories: what administrators do, at random, until the target shows what was not written."""

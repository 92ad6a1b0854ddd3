"""One server under test: where it is, how to be let in, and how requests reach it."""

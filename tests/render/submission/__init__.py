"""The OIN pack: what it knows, what it concludes from a run, how it reads."""

"""The JSON document of a run: building, reading, comparing and waiving."""

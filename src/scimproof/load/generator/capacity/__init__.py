"""The capacity search in the generator: plays its steps, here or on workers, and makes the document."""

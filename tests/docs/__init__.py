"""The documents, held to the code: what they name exists, and what is generated has not drifted."""

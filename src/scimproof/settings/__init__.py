"""What a person can set: on the command line, in the environment, in scimproof.toml."""

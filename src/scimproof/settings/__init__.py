"""Settings: the command line, environment variables and scimproof.toml."""

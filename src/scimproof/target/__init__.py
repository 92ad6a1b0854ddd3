"""The server under test: its URL and credentials, and the HTTP client that reaches it."""

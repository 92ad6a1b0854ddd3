"""Knowledge read from suites/ and fixtures/: request templates, sequences, requirements, test identities."""

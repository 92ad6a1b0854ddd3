"""What the product knows, read from suites/ and fixtures/: requests, sequences, requirements, people."""

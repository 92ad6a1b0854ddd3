"""Test that Locust starts: what its options ask for, what each process plays, what all of them counted."""

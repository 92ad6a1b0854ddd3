"""Tests of the profile rfc: each part of it with the faults that it must show."""

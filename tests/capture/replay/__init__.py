"""Tests of the replay of captures."""

"""Tests of captures of real traffic."""

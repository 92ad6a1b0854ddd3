"""Executes sequences against a target and turns its answers into findings."""

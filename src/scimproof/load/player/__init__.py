"""Plays compiled sequences on a slot: delivery, retries, write guard, sampled full checks."""

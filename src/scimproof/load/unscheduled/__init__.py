"""Requests outside the schedule: prefill, growing groups, races, list walks, removal."""

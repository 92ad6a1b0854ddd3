"""Root causes behind the findings of a report, derived from its exchanges."""

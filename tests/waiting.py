"""How long a test waits for what has to come."""

# Seconds after which it waits in vain: far more than anything takes on two cores that do the work of thirty.
HANG = 900.0

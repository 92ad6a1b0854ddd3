"""A run from its options to its report, against a live target or in this process."""

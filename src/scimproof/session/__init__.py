"""A run from its options to its report, against a live target or inside this process."""

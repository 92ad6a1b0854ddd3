"""Load models: the open model of a schedule, and the closed model for comparison."""

"""Writers: each is a function of the report document and of nothing else."""

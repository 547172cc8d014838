"""The few things one can do with a workspace; every door calls these, and nothing else."""

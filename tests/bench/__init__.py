"""Benchmarks: what a piece of work costs, as a share of what the bare database would take for it, in one run."""

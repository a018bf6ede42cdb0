"""The site: its settings, its addresses, and how its processes start."""

import gc

# What a process loads at its start stays until its end. Python's own threshold has the collector look through all of it
# again and again while it grows, which takes a quarter of the start; a higher one costs a few megabytes.
gc.set_threshold(50_000, 20, 20)

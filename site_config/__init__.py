"""The site: its settings, its addresses, and how its processes start."""

import gc

# What a process loads at its start stays until its end. By default Python looks for garbage among it each time 700 more
# objects are there, which takes a tenth of the start.
gc.set_threshold(50_000)

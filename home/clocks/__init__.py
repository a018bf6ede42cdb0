"""Changed clocks: whose time zone or slot times are others now, until all that hangs on them is moved."""

"""Phone calls, whole: the providers behind one narrow gateway, what is said, recordings, and what became of a call."""

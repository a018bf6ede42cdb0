"""What the pages of medications read, each with a constant number of queries."""

"""Pages of clinic events."""

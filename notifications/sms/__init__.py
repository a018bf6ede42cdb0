"""Short messages: each provider behind one narrow gateway, and one of them found that works."""

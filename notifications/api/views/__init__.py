"""The calls: parse, call, answer."""

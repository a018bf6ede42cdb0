"""Encryption at rest (docs/decisions/0083): the keys, the cipher, fields that use it, and how keys are rotated."""

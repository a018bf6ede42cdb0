"""The whole site in one encrypted file, and back (docs/decisions/0084)."""

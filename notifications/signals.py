"""What the engine tells whoever stands above it, without knowing them."""

from django.dispatch import Signal

preferences_changed = Signal()
"""A person's preferences were saved. Arguments: `user_id`, and `changed`, the set of the fields' names."""

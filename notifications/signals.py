"""What the engine tells whoever stands above it, without knowing them."""

from django.dispatch import Signal

preferences_changed = Signal()
"""A person's preferences were saved. Arguments: `user_id`, and `changed`, the set of the fields' names."""

preferences_given = Signal()
"""A program saves a person's preferences. Arguments: `user_id`, `values` by field, and `said`, the fields that it named
itself. Whoever carries it out raises ValidationError by field.
"""

channel_switched = Signal()
"""A person said that a channel is on, or off, also if it was so before. Arguments: `user_id`, `channel`, `on`, `how`
("site", or the channel by which they wrote or in whose call they pressed a key) and `now`. Sent in the transaction that
saves it.
"""

opted_out_at_provider = Signal()
"""A provider says that a person told it to send them nothing more. Arguments: `user_id`, `channel`, `provider`,
`sent_at` (when the message was sent at the earliest of which it says that) and `now`.
"""

message_shown = Signal()
"""A member of staff was shown a message that went to somebody else. Arguments: `request`, `message`."""

list_exported = Signal()
"""A member of staff downloaded a list. Arguments: `request`, and `subject_ids`, the ids of whom its rows are about."""

list_shown = Signal()
"""A member of staff was shown a list of what is about one person. Arguments: as those of `list_exported`."""

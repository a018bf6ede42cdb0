"""What staff are told of those whom an import invites."""

from django.utils.translation import gettext_lazy as _

INVITED = _(
    "Nobody was written to. Each gets an SMS that asks whether the number is theirs; reminders begin with their "
    "yes."
)

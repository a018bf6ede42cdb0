"""A plan in words, in the reader's language."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.admin.reports.messages import channel_label
from notifications.channels import registry as channels
from notifications.rules.plans import Plan, Step


def in_words(plan: Plan) -> list[str]:
    """A sentence for each step; a channel that isn't in use is left out, as messages leave it out."""
    return steps_in_words(step for step in plan if step.channel in channels.outside())


def steps_in_words(steps: Iterable[Step]) -> list[str]:
    """A sentence for each of them."""
    sentences = []
    for number, step in enumerate(steps):
        values = {"channel": channel_label(step.channel), "minutes": step.minutes}
        if number == 0:
            sentences.append(_("At once: %(channel)s.") % values)
        else:
            said = ngettext(
                "%(minutes)s minute after that: %(channel)s.",
                "%(minutes)s minutes after that: %(channel)s.",
                step.minutes,
            )
            sentences.append(said % values)
    return sentences

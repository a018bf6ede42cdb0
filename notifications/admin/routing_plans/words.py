"""A plan in words, in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.admin.reports.messages import channel_label
from notifications.channels import registry as channels
from notifications.rules.plans import Plan


def in_words(plan: Plan) -> list[str]:
    """A sentence for each step; a channel that isn't in use is left out, as messages leave it out."""
    steps = [step for step in plan if step.channel in channels.outside()]
    sentences = []
    for number, step in enumerate(steps):
        values = {"channel": channel_label(step.channel), "minutes": step.minutes}
        if number == 0:
            sentences.append(_("At once: %(channel)s.") % values)
        else:
            said = ngettext(
                "%(minutes)s minute later: %(channel)s.",
                "%(minutes)s minutes later: %(channel)s.",
                step.minutes,
            )
            sentences.append(said % values)
    return sentences

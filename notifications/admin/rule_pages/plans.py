"""By which way a message goes first, and when the next one follows."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from notifications.admin.reports.messages import channel_label
from notifications.admin.routing_plans.words import in_words, steps_in_words
from notifications.admin.rule_pages.page import RulePage, Table
from notifications.models import CategoryChoices
from notifications.rules.examples.plans import EXAMPLES, NOW, PLAN, Example
from notifications.rules.plans import Progress, Stage
from notifications.selectors.plans import plans
from notifications.types import Reason


def _says() -> list[str]:
    return [
        _(
            "If a confirmed cellphone number is the only way to reach a patient, we send the reminders by SMS."
        ),
        _("We do so even if the table does not show SMS. The patient can turn it off."),
        _("Some clinics send one SMS a week that asks how it went. There we send no SMS about single doses."),
        _("A message about treatment is always in the inbox on this website."),
        _("It is also sent by one way after the other. The first table says in which order."),
        _(
            "The next way is used unless we know that this person read or answered the message, or that it "
            "has arrived."
        ),
        _("Once a later way was used, an earlier one is not begun any more."),
        _("The phone company tells us that an SMS has arrived."),
        _("A phone notification is shown by a smartphone on which the person turned it on."),
        _(
            "Of phone notifications and e-mails we know only that they were sent, never that they have arrived."
        ),
        _("If one way does not work, the next one is used at once."),
        _("We do not use a way that the person turned off or did not agree to."),
        _("We do not use a number or an e-mail address that is not confirmed."),
        _(
            "A way that the person turned on in their settings does not wait for its turn. Quiet hours "
            "still apply."
        ),
        _(
            "If somebody writes to the clinic of an emergency, we try the next way to reach staff after "
            "half the time."
        ),
        _("We send a second reminder of a dose by SMS only if the person turned SMS on themselves."),
        _("We never call for a second reminder."),
        _("Head office can change the order for each kind of message."),
    ]


def _tables() -> list[Table]:
    in_use = [
        [str(CategoryChoices(category.value).label), " ".join(in_words(plan)) or _("the inbox alone")]
        for category, plan in plans().items()
    ]
    return [
        Table(_("The order now"), [_("Kind of message"), _("Ways")], in_use),
        Table(
            _("Examples, if the order is: %(order)s") % {"order": " ".join(steps_in_words(PLAN))},
            [_("So far"), _("Way"), _("What the site does")],
            [[_so_far(each), channel_label(PLAN[each.step].channel), _does(each)] for each in EXAMPLES],
        ),
    ]


def _so_far(example: Example) -> str:
    found = [_became(each) for each in example.others]
    if example.seen:
        found.append(_("The message was read."))
    return " ".join(found) or _("Nothing was sent yet.")


def _became(progress: Progress) -> str:
    channel = {"channel": channel_label(PLAN[progress.step or 0].channel)}
    if progress.stage is Stage.SENT and progress.sent_at is not None:
        minutes = (NOW - progress.sent_at).seconds // 60
        return ngettext(
            "%(channel)s: sent %(minutes)d minute ago.", "%(channel)s: sent %(minutes)d minutes ago.", minutes
        ) % {**channel, "minutes": minutes}
    if progress.stage is Stage.ARRIVED:
        return _("%(channel)s: arrived on the phone.") % channel
    if progress.stage is Stage.RETRYING:
        return _("%(channel)s: did not work, and is tried again.") % channel
    return _("%(channel)s: does not work for this person.") % channel


def _does(example: Example) -> str:
    if example.outcome is None:
        return _("Sends it now.")
    if isinstance(example.outcome, datetime):
        minutes = (example.outcome - NOW).seconds // 60
        return ngettext("Waits %(minutes)d more minute.", "Waits %(minutes)d more minutes.", minutes) % {
            "minutes": minutes
        }
    if example.outcome is Reason.REACHED:
        return _("Sends nothing more: the message was read, or has arrived.")
    return _("Does not send it any more: the message went another way already.")


PLANS = RulePage(
    name="order-of-ways", title=gettext_lazy("Which way a message goes"), order=20, says=_says, tables=_tables
)

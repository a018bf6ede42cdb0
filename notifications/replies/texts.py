"""What people are answered by SMS, in the active language. Nothing here says what it is about."""

from django.utils.translation import gettext as _


def stopped() -> str:
    return _("You will get no more SMS from MedGuard. Send START to get them again.")


def started(*, without_treatment: bool) -> str:
    """`without_treatment`: the person has said that they don't want to be reminded of it."""
    if without_treatment:
        return _(
            "You will get SMS from MedGuard again, but no reminders of treatment, as you asked before. Your clinic can "
            "change that. Send STOP to end SMS."
        )
    return _("You will get SMS from MedGuard again. Send STOP to end them.")


def confirmed(*, will_remind: bool) -> str:
    """To a number whose owner said yes. `will_remind`: it is where they are reminded."""
    if will_remind:
        return _("Thank you. Your number is confirmed: we will remind you here. Send STOP to end SMS.")
    return _("Thank you. Your number is confirmed. Send STOP to end SMS.")


def declined(*, others_go_on: bool) -> str:
    """To a number whose owner said no. `others_go_on`: they get SMS from us by what they agreed to before."""
    if others_go_on:
        return _("You said no to what was just asked. Your other reminders go on; send STOP to end SMS.")
    return _("You will get no reminders here. Have you changed your mind? Tell your clinic.")


def will_be_called() -> str:
    return _("Noted. Your clinic sees that you want a call. In an emergency phone 112 or 10177.")


def nothing_asked() -> str:
    return _("There is nothing for you to answer at the moment.")


def usage() -> str:
    """For HELP, and for whatever nobody but a person could understand."""
    return _(
        "This number answers automatically. Answer a reminder with a number that it gives. Send STOP to end SMS. For "
        "anything else please phone your clinic."
    )

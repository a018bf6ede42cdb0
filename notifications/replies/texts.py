"""What people who write to us are answered, in the active language. Nothing here says what it is about."""

from django.utils.translation import gettext as _

from notifications.channels import registry as channels


def stopped(channel: str, *, sms_goes_on: bool = False) -> str:
    """`sms_goes_on`: they stopped another channel, and are still written to by SMS."""
    if channel == "sms":
        return _("You will get no more SMS from MedGuard. Send START to get them again.")
    said = _("You will get no more messages from MedGuard by %(channel)s. Send START to get them again.")
    goes_on = _("You still get SMS; to end those, send STOP by SMS.") if sms_goes_on else ""
    return f"{said % _named(channel)} {goes_on}".strip()


def started(channel: str, *, without_treatment: bool) -> str:
    """`without_treatment`: the person has said that they don't want to be reminded of it."""
    if channel != "sms" and without_treatment:
        said = _(
            "You will get messages from MedGuard by %(channel)s again, but no reminders of treatment, as you asked "
            "before. Your clinic can change that. Send STOP to end them."
        )
        return said % _named(channel)
    if channel != "sms":
        said = _("You will get messages from MedGuard by %(channel)s again. Send STOP to end them.")
        return said % _named(channel)
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


def not_text() -> str:
    """For a picture, a voice message, a place."""
    return _("We can only read text here. Please write to us, or phone your clinic.")


def usage(channel: str) -> str:
    """For HELP, and for whatever nobody but a person could understand."""
    if channel == "sms":
        return _(
            "This number answers automatically. Answer a reminder with a number that it gives. Send STOP to end SMS. "
            "For anything else please phone your clinic."
        )
    said = _(
        "This number answers automatically. Answer a reminder by its buttons or with a number that it gives. Send STOP "
        "to end messages by %(channel)s. For anything else please phone your clinic."
    )
    return said % _named(channel)


def _named(channel: str) -> dict[str, object]:
    return {"channel": channels.outside()[channel].label}

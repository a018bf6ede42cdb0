"""What people are answered at once when they write, in the active language. Nothing here says what it is about."""

from django.utils.translation import gettext as _


def received() -> str:
    return _(
        "Thank you. A nurse reads this in opening hours. In an emergency do not wait: call 10177 or 112, or go to the "
        "nearest clinic or hospital."
    )


def emergency() -> str:
    return _(
        "This sounds like an emergency. Do not wait for us: call 10177 or 112, or go to the nearest clinic or hospital "
        "now. A nurse is being told."
    )

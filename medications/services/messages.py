"""A reminder whose texts the caller gives."""

from django.utils import translation
from django.utils.translation import gettext

from home.models import User
from home.scope import about_person
from notifications.exceptions import MessageError
from notifications.rules.blank import is_blank
from notifications.selectors.people import language_of
from notifications.services import NotificationService


def send_medication_reminder(
    *, user: User, medication_name: str, dosage: str, instructions: str = ""
) -> list[int]:
    """Remind a person of a medicine that has no prescription here; the ids of the notifications.

    The sentence is in the person's language, the three texts are as they were given. Raises MessageError (a ValueError)
    where the medicine or the dosage is missing: nobody can take that.
    """
    for field, words in (("medication_name", medication_name), ("dosage", dosage)):
        if not isinstance(words, str) or is_blank(words):
            raise MessageError(f"{field}: it is empty.")
    with translation.override(language_of(user.pk)):
        title = gettext("Time for your medicine")
        message = gettext("Please take %(medicine)s, %(dosage)s.") % {
            "medicine": medication_name,
            "dosage": dosage,
        }
    return NotificationService.send(
        users=[user],
        title=title,
        message="\n".join(filter(None, (message, instructions))),
        notif_type="medication",
        priority="high",
        about=about_person(user.pk),
    )

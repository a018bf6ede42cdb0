"""The built-in texts of what this app tells people. A live template in Wagtail takes their place."""

from collections.abc import Mapping

from notifications.types import Texts

_DISCREET = {
    "reminder": {
        "en": "You have a reminder from your clinic",
        "af": "U het 'n herinnering van u kliniek",
    },
    "message": {
        "en": "You have a message from your clinic",
        "af": "U het 'n boodskap van u kliniek",
    },
}
_GOOD_DAY = {"en": "Good day", "af": "Goeiedag"}
_ONE_EVENT = "{{ title }}\n{{ when }}\n{{ where }}"


def _texts(language: str, discreet: str, *, title: str, body: str, short_text: str) -> Texts:
    """An e-mail says what the inbox says; a discreet text gives nothing away."""
    return Texts(
        title=title,
        body=body,
        email_subject=title,
        email_body=f"{_GOOD_DAY[language]}\n\n{body}",
        short_text=short_text,
        email_subject_discreet=_DISCREET[discreet][language],
        short_text_discreet=_DISCREET[discreet][language],
    )


JOINED: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        "message",
        title="You have a place: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nIf you can’t come, please give up your place on the event’s page, so that "
            "somebody else can have it."
        ),
        short_text="You have a place: {{ title }}, {{ when }}.",
    ),
    "af": _texts(
        "af",
        "message",
        title="U het ’n plek: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nAs u nie kan kom nie, gee asseblief op die geleentheid se bladsy u plek op, sodat "
            "iemand anders dit kan kry."
        ),
        short_text="U het 'n plek: {{ title }}, {{ when }}.",
    ),
}

PLACE_FREE: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        "message",
        title="You now have a place: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nYou were on the waiting list, and now you have a place. If you can’t come, please "
            "give up your place on the event’s page, so that the next person can have it."
        ),
        short_text="You now have a place: {{ title }}, {{ when }}.",
    ),
    "af": _texts(
        "af",
        "message",
        title="U het nou ’n plek: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nU was op die waglys, en nou het u ’n plek. As u nie kan kom nie, gee asseblief op "
            "die geleentheid se bladsy u plek op, sodat die volgende persoon dit kan kry."
        ),
        short_text="U het nou 'n plek: {{ title }}, {{ when }}.",
    ),
}

REMINDER: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        "reminder",
        title="Reminder: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nIf you can’t come, please give up your place on the event’s page, so that "
            "somebody else can have it."
        ),
        short_text="Reminder: {{ title }}, {{ when }}.",
    ),
    "af": _texts(
        "af",
        "reminder",
        title="Herinnering: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nAs u nie kan kom nie, gee asseblief op die geleentheid se bladsy u plek op, sodat "
            "iemand anders dit kan kry."
        ),
        short_text="Herinnering: {{ title }}, {{ when }}.",
    ),
}

STARTING: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        "reminder",
        title="Starting soon: {{ title }}",
        body=f"{_ONE_EVENT}\n\nWe look forward to seeing you.",
        short_text="Starting soon: {{ title }}, {{ when }}.",
    ),
    "af": _texts(
        "af",
        "reminder",
        title="{{ title }} begin binnekort",
        body=f"{_ONE_EVENT}\n\nOns sien daarna uit om u te ontvang.",
        short_text="{{ title }} begin binnekort: {{ when }}.",
    ),
}

MOVED: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        "message",
        title="Changed: {{ title }}",
        body=(
            "{{ title }} at {{ clinic }} has a new time or venue:\n{{ moved }}\n\nYou keep your place, or your "
            "turn on the waiting list. If you can’t come then, please give up your place on the event’s page."
        ),
        short_text="Changed: {{ title }}: {{ moved }}",
    ),
    "af": _texts(
        "af",
        "message",
        title="Verandering: {{ title }}",
        body=(
            "{{ title }} by {{ clinic }} het ’n nuwe tyd of plek:\n{{ moved }}\n\nU bly op die lys, of op die "
            "waglys. As u dan nie kan kom nie, haal asseblief u naam op die geleentheid se bladsy van die lys af."
        ),
        short_text="Verandering: {{ title }}: {{ moved }}",
    ),
}

CANCELLED: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        "message",
        title="Cancelled: {{ title }}",
        body="{{ title }} at {{ clinic }} will not take place:\n{{ events }}{{ reason }}",
        short_text="Cancelled: {{ title }}: {{ events }}",
    ),
    "af": _texts(
        "af",
        "message",
        title="Gekanselleer: {{ title }}",
        body="{{ title }} by {{ clinic }} gaan nie plaasvind nie:\n{{ events }}{{ reason }}",
        short_text="Gekanselleer: {{ title }}: {{ events }}",
    ),
}

ENDED: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        "message",
        title="Thank you for coming: {{ title }}",
        body="{{ title }} is over ({{ when }}). Thank you for coming.",
        short_text="{{ title }} is over. Thank you for coming.",
    ),
    "af": _texts(
        "af",
        "message",
        title="Dankie dat u gekom het: {{ title }}",
        body="{{ title }} is verby ({{ when }}). Dankie dat u gekom het.",
        short_text="{{ title }} is verby. Dankie dat u gekom het.",
    ),
}

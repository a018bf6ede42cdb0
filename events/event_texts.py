"""The built-in texts of the notifications of this app. A live template in Wagtail takes their place."""

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
            f"{_ONE_EVENT}\n\nIf you can’t come, please withdraw on the event’s page, so that somebody else "
            "can have your place."
        ),
        short_text="You have a place: {{ title }}, {{ when }}.",
    ),
    "af": _texts(
        "af",
        "message",
        title="U het ’n plek: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nAs u nie kan kom nie, onttrek asseblief op die geleentheid se bladsy, sodat iemand "
            "anders u plek kan kry."
        ),
        short_text="U het 'n plek: {{ title }}, {{ when }}.",
    ),
}

PLACE_FREE: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        "message",
        title="A place is free for you: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nYou were on the waiting list, and now you have a place. If you can’t come, please "
            "withdraw on the event’s page, so that the next person can have it."
        ),
        short_text="A place is free for you: {{ title }}, {{ when }}.",
    ),
    "af": _texts(
        "af",
        "message",
        title="Daar is ’n plek vir u: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nU was op die waglys, en nou het u ’n plek. As u nie kan kom nie, onttrek asseblief "
            "op die geleentheid se bladsy, sodat die volgende persoon dit kan kry."
        ),
        short_text="Daar is 'n plek vir u: {{ title }}, {{ when }}.",
    ),
}

REMINDER: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        "reminder",
        title="Coming up: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nIf you can’t come, please withdraw on the event’s page, so that somebody else "
            "can have your place."
        ),
        short_text="Coming up: {{ title }}, {{ when }}.",
    ),
    "af": _texts(
        "af",
        "reminder",
        title="Binnekort: {{ title }}",
        body=(
            f"{_ONE_EVENT}\n\nAs u nie kan kom nie, onttrek asseblief op die geleentheid se bladsy, sodat iemand "
            "anders u plek kan kry."
        ),
        short_text="Binnekort: {{ title }}, {{ when }}.",
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
        title="Begin binnekort: {{ title }}",
        body=f"{_ONE_EVENT}\n\nOns sien uit daarna om u te sien.",
        short_text="Begin binnekort: {{ title }}, {{ when }}.",
    ),
}

MOVED: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        "message",
        title="Changed: {{ title }}",
        body=(
            "{{ title }} at {{ clinic }} has another time or place:\n{{ moved }}\n\nYour place, or your turn on "
            "the waiting list, stays yours. If you can’t come then, please withdraw on the event’s page."
        ),
        short_text="Changed: {{ title }}: {{ moved }}",
    ),
    "af": _texts(
        "af",
        "message",
        title="Verander: {{ title }}",
        body=(
            "{{ title }} by {{ clinic }} het ’n ander tyd of plek:\n{{ moved }}\n\nU plek, of u beurt op die waglys, "
            "bly u s’n. As u nie dan kan kom nie, onttrek asseblief op die geleentheid se bladsy."
        ),
        short_text="Verander: {{ title }}: {{ moved }}",
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
        title="It is over: {{ title }}",
        body="{{ title }} of {{ when }} is over. Thank you for coming.",
        short_text="{{ title }} is over. Thank you for coming.",
    ),
    "af": _texts(
        "af",
        "message",
        title="Dit is verby: {{ title }}",
        body="{{ title }} van {{ when }} is verby. Dankie dat u gekom het.",
        short_text="{{ title }} is verby. Dankie dat u gekom het.",
    ),
}

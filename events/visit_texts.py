"""The built-in texts of the messages about visits. A live template in Wagtail takes their place."""

from collections.abc import Mapping

from notifications.types import Texts

REMINDER_REPLY_HINT: Mapping[str, str] = {
    "en": "Reply 4 I'll come, 5 I can't.",
    "af": "Antwoord 4 ek kom, 5 ek kan nie.",
}
_GOOD_DAY = {"en": "Good day", "af": "Goeiedag"}
_SOON = {
    "en": "A visit to the clinic is coming up: {{ when }}. Please bring the clinic card.",
    "af": "'n Besoek aan die kliniek kom nader: {{ when }}. Bring asseblief die kliniekkaart saam.",
}
_MISSED_IT = {
    "en": "A visit to the clinic was missed: {{ when }}. It is not too late: any weekday is fine.",
    "af": "'n Besoek aan die kliniek is gemis: {{ when }}. Dit is nie te laat nie: enige weeksdag is reg.",
}
_CHANGED = {
    "en": "A visit to the clinic: {{ change }}.",
    "af": "'n Besoek aan die kliniek: {{ change }}.",
}


def _texts(language: str, discreet: Mapping[str, str], *, title: str, body: str, short_text: str) -> Texts:
    """An e-mail says what the inbox says; a discreet text names the day, and neither the patient nor what for."""
    return Texts(
        title=title,
        body=body,
        email_subject=title,
        email_body=f"{_GOOD_DAY[language]}\n\n{body}",
        short_text=short_text,
        email_subject_discreet=discreet[language],
        short_text_discreet=discreet[language],
    )


REMINDER: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        _SOON,
        title="{{ what }}: {{ when }}",
        body=(
            "{{ what }} for {{ for_whom }}: {{ when }}, {{ clinic }}.\n\nPlease bring the clinic card. If you can’t "
            "come, tell us, and choose another day."
        ),
        short_text="{{ what }} for {{ for_whom }}: {{ when }}, {{ clinic }}.",
    ),
    "af": _texts(
        "af",
        _SOON,
        title="{{ what }}: {{ when }}",
        body=(
            "{{ what }} vir {{ for_whom }}: {{ when }}, {{ clinic }}.\n\nBring asseblief die kliniekkaart saam. As u "
            "nie kan kom nie, sê vir ons, en kies ’n ander dag."
        ),
        short_text="{{ what }} vir {{ for_whom }}: {{ when }}, {{ clinic }}.",
    ),
}

MISSED: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        _MISSED_IT,
        title="We missed {{ for_whom }} on {{ when }}",
        body=(
            "{{ what }} was planned for then at {{ clinic }}. It is not too late: come on the next day that suits "
            "you, or ask the clinic for another day.\n\nIf something makes it hard to come, tell us. We want to help."
        ),
        short_text="We missed {{ for_whom }} on {{ when }} at {{ clinic }}. You are welcome on any weekday.",
    ),
    "af": _texts(
        "af",
        _MISSED_IT,
        title="Ons het {{ for_whom }} gemis op {{ when }}",
        body=(
            "{{ what }} was vir dan beplan by {{ clinic }}. Dit is nie te laat nie: kom op die eerste dag wat u pas, "
            "of vra die kliniek vir ’n ander dag.\n\nAs iets dit moeilik maak om te kom, sê vir ons. Ons wil help."
        ),
        short_text="Ons het {{ for_whom }} gemis op {{ when }} by {{ clinic }}. U is welkom op enige weeksdag.",
    ),
}

MOVED: Mapping[str, Texts] = {
    "en": _texts(
        "en",
        _CHANGED,
        title="{{ what }}: {{ change }}",
        body="{{ what }} for {{ for_whom }} at {{ clinic }}: {{ change }}.{{ reason }}",
        short_text="{{ what }} for {{ for_whom }}: {{ change }}.",
    ),
    "af": _texts(
        "af",
        _CHANGED,
        title="{{ what }}: {{ change }}",
        body="{{ what }} vir {{ for_whom }} by {{ clinic }}: {{ change }}.{{ reason }}",
        short_text="{{ what }} vir {{ for_whom }}: {{ change }}.",
    ),
}

"""The built-in texts of this app's event types. A live template in Wagtail replaces them."""

from collections.abc import Mapping

from notifications.types import Texts

_DISCREET_EN = "You have a reminder from your clinic"
_DISCREET_AF = "U het 'n herinnering van u kliniek"
_DISCREET_MESSAGE_EN = "You have a message from your clinic"
_DISCREET_MESSAGE_AF = "U het 'n boodskap van u kliniek"

# “Done”, not “taken”: nothing that says what it is about.
DOSE_REPLY_HINT: Mapping[str, str] = {
    "en": "Reply 1 done, 2 skip, 3 later.",
    "af": "Antwoord 1 gedoen, 2 slaan oor, 3 later.",
}

DOSE_DUE: Mapping[str, Texts] = {
    "en": Texts(
        title="{{ time }}: time for {{ whose }} medicine",
        body="{{ doses }}\n\nPlease choose “Taken” once it is done, or “Later” to be reminded again.",
        email_subject="{{ time }}: time for {{ whose }} medicine",
        email_body=(
            "Good day\n\nIt is {{ time }}, time for {{ whose }} medicine:\n\n{{ doses }}\n\n"
            "Please choose “Taken” below once it is done."
        ),
        short_text="{{ time }}: time for {{ whose }} medicine: {{ medicines }}",
        email_subject_discreet=_DISCREET_EN,
        short_text_discreet=_DISCREET_EN,
    ),
    "af": Texts(
        title="{{ time }}: tyd vir {{ whose }} medisyne",
        body="{{ doses }}\n\nKies asseblief “Geneem” sodra dit geneem is, of “Later” om weer herinner te word.",
        email_subject="{{ time }}: tyd vir {{ whose }} medisyne",
        email_body=(
            "Goeiedag\n\nDit is {{ time }}, tyd vir {{ whose }} medisyne:\n\n{{ doses }}\n\n"
            "Kies asseblief hieronder “Geneem” sodra dit geneem is."
        ),
        short_text="{{ time }}: tyd vir {{ whose }} medisyne: {{ medicines }}",
        email_subject_discreet=_DISCREET_AF,
        short_text_discreet=_DISCREET_AF,
    ),
}

# It is only asked where it can be answered, so its texts say how.
WEEKLY_CHECK: Mapping[str, Texts] = {
    "en": Texts(
        title="How did {{ whose }} week go?",
        body="Did it go well with {{ whose }} medicine this week? If not, your clinic calls you.",
        email_subject="How did the week go for {{ patient }}?",
        email_body="Good day\n\nDid it go well with {{ whose }} medicine this week? If not, your clinic calls you.",
        short_text="How did it go with {{ whose }} medicine this week? Reply 1 all is well, 2 call me.",
        email_subject_discreet="How did your week go?",
        short_text_discreet="Your clinic asks: how did this week go? Reply 1 all is well, 2 call me.",
    ),
    "af": Texts(
        title="Hoe het {{ whose }} week gegaan?",
        body="Het dit hierdie week goed gegaan met {{ whose }} medisyne? Indien nie, bel u kliniek u.",
        email_subject="Hoe het die week vir {{ patient }} gegaan?",
        email_body=(
            "Goeiedag\n\nHet dit hierdie week goed gegaan met {{ whose }} medisyne? Indien nie, bel u kliniek u."
        ),
        short_text="Hoe het dit hierdie week met {{ whose }} medisyne gegaan? Antwoord 1 alles goed, 2 bel my.",
        email_subject_discreet="Hoe het u week gegaan?",
        short_text_discreet="U kliniek vra: hoe het hierdie week gegaan? Antwoord 1 alles goed, 2 bel my.",
    ),
}

DOSE_MISSED: Mapping[str, Texts] = {
    "en": Texts(
        title="No answer yet: {{ whose }} {{ time }} medicine",
        body="We have had no answer about these:\n{{ doses }}\n\nPlease check that all is well.",
        email_subject="No answer yet: {{ whose }} {{ time }} medicine",
        email_body=(
            "Good day\n\nWe have had no answer about {{ whose }} {{ time }} medicine:\n\n{{ doses }}\n\n"
            "Please check that all is well."
        ),
        short_text="No answer yet about {{ whose }} {{ time }} medicine: {{ medicines }}",
        email_subject_discreet=_DISCREET_MESSAGE_EN,
        short_text_discreet=_DISCREET_MESSAGE_EN,
    ),
    "af": Texts(
        title="Nog geen antwoord nie: {{ whose }} medisyne vir {{ time }}",
        body="Ons het nog geen antwoord hieroor nie:\n{{ doses }}\n\nStel asseblief vas of alles reg is.",
        email_subject="Nog geen antwoord nie: {{ whose }} medisyne vir {{ time }}",
        email_body=(
            "Goeiedag\n\nOns het nog geen antwoord oor {{ whose }} medisyne vir {{ time }} nie:\n\n{{ doses }}\n\n"
            "Stel asseblief vas of alles reg is."
        ),
        short_text="Nog geen antwoord oor {{ whose }} medisyne vir {{ time }} nie: {{ medicines }}",
        email_subject_discreet=_DISCREET_MESSAGE_AF,
        short_text_discreet=_DISCREET_MESSAGE_AF,
    ),
}

LOW_STOCK: Mapping[str, Texts] = {
    "en": Texts(
        title="{{ medicine }} runs out {{ when }}",
        body="{{ supply }} of {{ medicine }} runs out {{ when }}. Please arrange a refill in time.",
        email_subject="{{ medicine }} runs out {{ when }}",
        email_body=(
            "Good day\n\n{{ supply }} of {{ medicine }} runs out {{ when }}.\n\nPlease arrange a refill in time."
        ),
        short_text="{{ medicine }} runs out {{ when }}. Please arrange a refill.",
        email_subject_discreet=_DISCREET_EN,
        short_text_discreet=_DISCREET_EN,
    ),
    "af": Texts(
        title="{{ medicine }} raak {{ when }} op",
        body="{{ supply }} van {{ medicine }} raak {{ when }} op. Kry asseblief betyds nog.",
        email_subject="{{ medicine }} raak {{ when }} op",
        email_body=(
            "Goeiedag\n\n{{ supply }} van {{ medicine }} raak {{ when }} op.\n\nKry asseblief betyds nog."
        ),
        short_text="{{ medicine }} raak {{ when }} op. Kry asseblief betyds nog.",
        email_subject_discreet=_DISCREET_AF,
        short_text_discreet=_DISCREET_AF,
    ),
}

EXPIRING: Mapping[str, Texts] = {
    "en": Texts(
        title="{{ medicine }} expires soon",
        body=(
            "{{ supply }} of {{ medicine }}: one pack (batch {{ batch }}) expires after {{ last_day }}. "
            "Left in it: {{ left }}. Please don’t use it after that day."
        ),
        email_subject="{{ medicine }} expires soon",
        email_body=(
            "Good day\n\n{{ supply }} of {{ medicine }}: one pack (batch {{ batch }}) expires after "
            "{{ last_day }}. Left in it: {{ left }}.\n\nPlease don’t use it after that day."
        ),
        short_text="{{ medicine }} ({{ batch }}) may be used until {{ last_day }}.",
        email_subject_discreet=_DISCREET_EN,
        short_text_discreet=_DISCREET_EN,
    ),
    "af": Texts(
        title="{{ medicine }} verval binnekort",
        body=(
            "{{ supply }} van {{ medicine }}: een pakkie (lotnommer {{ batch }}) verval ná {{ last_day }}. "
            "Daarin is nog {{ left }} oor. Moet dit asseblief nie ná daardie dag gebruik nie."
        ),
        email_subject="{{ medicine }} verval binnekort",
        email_body=(
            "Goeiedag\n\n{{ supply }} van {{ medicine }}: een pakkie (lotnommer {{ batch }}) verval ná "
            "{{ last_day }}. Daarin is nog {{ left }} oor.\n\nMoet dit asseblief nie ná daardie dag gebruik nie."
        ),
        short_text="{{ medicine }} ({{ batch }}) mag tot {{ last_day }} gebruik word.",
        email_subject_discreet=_DISCREET_AF,
        short_text_discreet=_DISCREET_AF,
    ),
}

PRESCRIBED: Mapping[str, Texts] = {
    "en": Texts(
        title="New medicine: {{ medicine }}",
        body="A new medicine was prescribed for {{ for_whom }}, from {{ first_day }}: {{ prescribed }}.",
        email_subject="New medicine: {{ medicine }}",
        email_body=(
            "Good day\n\nA new medicine was prescribed for {{ for_whom }}, from {{ first_day }}:\n\n"
            "{{ prescribed }}\n\nIf anything is unclear, please ask at the clinic."
        ),
        short_text="New medicine for {{ for_whom }} from {{ first_day }}: {{ prescribed }}",
        email_subject_discreet=_DISCREET_MESSAGE_EN,
        short_text_discreet=_DISCREET_MESSAGE_EN,
    ),
    "af": Texts(
        title="Nuwe medisyne: {{ medicine }}",
        body="Nuwe medisyne is vir {{ for_whom }} voorgeskryf, vanaf {{ first_day }}: {{ prescribed }}.",
        email_subject="Nuwe medisyne: {{ medicine }}",
        email_body=(
            "Goeiedag\n\nNuwe medisyne is vir {{ for_whom }} voorgeskryf, vanaf {{ first_day }}:\n\n"
            "{{ prescribed }}\n\nAs iets onduidelik is, vra asseblief by die kliniek."
        ),
        short_text="Nuwe medisyne vir {{ for_whom }} vanaf {{ first_day }}: {{ prescribed }}",
        email_subject_discreet=_DISCREET_MESSAGE_AF,
        short_text_discreet=_DISCREET_MESSAGE_AF,
    ),
}

VACCINATION_DUE: Mapping[str, Texts] = {
    "en": Texts(
        title="Vaccination on {{ due_on }}: {{ vaccine }}",
        body=(
            "{{ vaccine }}, dose {{ dose_number }}, is due for {{ for_whom }} on {{ due_on }} at {{ clinic }}. "
            "Please bring the Road to Health booklet or the clinic card."
        ),
        email_subject="Vaccination on {{ due_on }}: {{ vaccine }}",
        email_body=(
            "Good day\n\n{{ vaccine }}, dose {{ dose_number }}, is due for {{ for_whom }} on {{ due_on }} "
            "at {{ clinic }}.\n\nPlease bring the Road to Health booklet or the clinic card."
        ),
        short_text="{{ vaccine }} is due for {{ for_whom }} on {{ due_on }} at {{ clinic }}.",
        email_subject_discreet=_DISCREET_EN,
        short_text_discreet=_DISCREET_EN,
    ),
    "af": Texts(
        title="Inenting op {{ due_on }}: {{ vaccine }}",
        body=(
            "Tyd vir ’n inenting: {{ vaccine }}, dosis {{ dose_number }}, vir {{ for_whom }}, op {{ due_on }} "
            "by {{ clinic }}. Bring asseblief die Pad na Gesondheid-boekie of die kliniekkaart saam."
        ),
        email_subject="Inenting op {{ due_on }}: {{ vaccine }}",
        email_body=(
            "Goeiedag\n\nTyd vir ’n inenting: {{ vaccine }}, dosis {{ dose_number }}, vir {{ for_whom }}, op "
            "{{ due_on }} by {{ clinic }}.\n\n"
            "Bring asseblief die Pad na Gesondheid-boekie of die kliniekkaart saam."
        ),
        short_text="Inenting vir {{ for_whom }} op {{ due_on }} by {{ clinic }}: {{ vaccine }}.",
        email_subject_discreet=_DISCREET_AF,
        short_text_discreet=_DISCREET_AF,
    ),
}

VACCINATION_OVERDUE: Mapping[str, Texts] = {
    "en": Texts(
        title="Still due: {{ vaccine }}",
        body=(
            "{{ vaccine }}, dose {{ dose_number }}, was due for {{ for_whom }} on {{ due_on }}. It can still be "
            "given. Please come to {{ clinic }} and bring the Road to Health booklet. The nurse decides with you."
        ),
        email_subject="Still due: {{ vaccine }}",
        email_body=(
            "Good day\n\n{{ vaccine }}, dose {{ dose_number }}, was due for {{ for_whom }} on {{ due_on }}. It can "
            "still be given.\n\nPlease come to {{ clinic }} and bring the Road to Health booklet. The nurse decides "
            "with you."
        ),
        short_text="{{ vaccine }} is still due for {{ for_whom }}. Please come to {{ clinic }}.",
        email_subject_discreet=_DISCREET_EN,
        short_text_discreet=_DISCREET_EN,
    ),
    "af": Texts(
        title="Nog uitstaande: {{ vaccine }}",
        body=(
            "Nog uitstaande vir {{ for_whom }}: {{ vaccine }}, dosis {{ dose_number }}. Die dag was {{ due_on }}. "
            "Dit kan nog gegee word. Kom asseblief na {{ clinic }} en bring die Pad na Gesondheid-boekie saam. Die "
            "verpleegkundige besluit saam met u."
        ),
        email_subject="Nog uitstaande: {{ vaccine }}",
        email_body=(
            "Goeiedag\n\nNog uitstaande vir {{ for_whom }}: {{ vaccine }}, dosis {{ dose_number }}. Die dag was "
            "{{ due_on }}. Dit kan nog gegee word.\n\n"
            "Kom asseblief na {{ clinic }} en bring die Pad na Gesondheid-boekie saam. Die verpleegkundige besluit "
            "saam met u."
        ),
        short_text="Inenting nog uitstaande vir {{ for_whom }}: {{ vaccine }}. Kom asseblief na {{ clinic }}.",
        email_subject_discreet=_DISCREET_AF,
        short_text_discreet=_DISCREET_AF,
    ),
}

"""The event types of this app: what happens in conversations, and what clinics tell their managers. Found by the engine
at start.
"""

from datetime import date
from decimal import Decimal

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext_lazy as _

from home import budgets, month_reports
from home.conversations import event_texts, recipients
from notifications.registry import register
from notifications.texts.formats import rand, text
from notifications.types import IN_APP, Category, EventType, Param, Priority, Texts

_CLINIC = Param("clinic", _("the clinic"), "Khayelitsha Clinic", recipients.clinic_name)
_CHANNELS = {IN_APP: True, "email": True, "push": True}

_BUDGET_TEXTS = {
    "en": Texts(
        title="{{ percent }} of the budget for messages is used",
        body=(
            "{{ clinic }} has spent {{ spent }} of {{ budget }} on messages this month. Once it is used up, only "
            "urgent and clinical messages go by SMS, WhatsApp or phone call. All others stay in people's inboxes and "
            "are listed under Undelivered messages. A manager can change the budget in the settings of the clinic."
        ),
        email_subject="{{ clinic }}: {{ percent }} of the budget for messages is used",
        email_body=(
            "{{ clinic }} has spent {{ spent }} of {{ budget }} on messages this month.\n\nOnce it is used up, only "
            "urgent and clinical messages go by SMS, WhatsApp or phone call. All others stay in people's inboxes and "
            "are listed under Undelivered messages.\n\nA manager can change the budget in the settings of the clinic."
        ),
        short_text="{{ percent }} of this month's budget for messages is used",
        email_subject_discreet="The budget of your clinic for messages",
        short_text_discreet="The budget of your clinic for messages is running out",
    ),
    "af": Texts(
        title="{{ percent }} van die begroting vir boodskappe is gebruik",
        body=(
            "{{ clinic }} het hierdie maand {{ spent }} van {{ budget }} aan boodskappe bestee. Sodra dit op is, gaan "
            "net dringende en kliniese boodskappe per SMS, WhatsApp of oproep. Alle ander bly in mense se inboks en "
            "word gelys onder Boodskappe wat nie afgelewer is nie. 'n Bestuurder kan die begroting in die kliniek se "
            "instellings verander."
        ),
        email_subject="{{ clinic }}: {{ percent }} van die begroting vir boodskappe is gebruik",
        email_body=(
            "{{ clinic }} het hierdie maand {{ spent }} van {{ budget }} aan boodskappe bestee.\n\nSodra dit op is, "
            "gaan net dringende en kliniese boodskappe per SMS, WhatsApp of oproep. Alle ander bly in mense se inboks "
            "en word gelys onder Boodskappe wat nie afgelewer is nie.\n\n'n Bestuurder kan die begroting in die "
            "kliniek se instellings verander."
        ),
        short_text="{{ percent }} van hierdie maand se begroting vir boodskappe is gebruik",
        email_subject_discreet="U kliniek se begroting vir boodskappe",
        short_text_discreet="U kliniek se begroting vir boodskappe raak op",
    ),
}

_MONTH_TEXTS = {
    "en": Texts(
        title="{{ clinic }}: the figures of {{ month }}",
        body=(
            "The figures of {{ clinic }} for {{ month }} are ready: patients and who is reached, doses, visits, what "
            "reminding changes, the shelf and messages. You find them under Figures."
        ),
        email_subject="{{ clinic }}: the figures of {{ month }}",
        email_body=(
            "Good day\n\nThe figures of {{ clinic }} for {{ month }} are ready: patients and who is reached, doses, "
            "visits, what reminding changes, the shelf and messages.\n\nYou find them under Figures."
        ),
        short_text="The figures of {{ clinic }} for {{ month }} are ready",
        email_subject_discreet="The figures of your clinic for {{ month }}",
        short_text_discreet="The figures of your clinic for {{ month }} are ready",
    ),
    "af": Texts(
        title="{{ clinic }}: die syfers van {{ month }}",
        body=(
            "Die syfers van {{ clinic }} vir {{ month }} is gereed: pasiënte en wie bereik word, dosisse, besoeke, wat "
            "herinneringe verander, die rak en boodskappe. U kry dit onder Syfers."
        ),
        email_subject="{{ clinic }}: die syfers van {{ month }}",
        email_body=(
            "Goeiedag\n\nDie syfers van {{ clinic }} vir {{ month }} is gereed: pasiënte en wie bereik word, dosisse, "
            "besoeke, wat herinneringe verander, die rak en boodskappe.\n\nU kry dit onder Syfers."
        ),
        short_text="Die syfers van {{ clinic }} vir {{ month }} is gereed",
        email_subject_discreet="U kliniek se syfers vir {{ month }}",
        short_text_discreet="U kliniek se syfers vir {{ month }} is gereed",
    ),
}


def _month(value: date) -> str:
    return date_format(value, "F Y")


def _percent(value: int) -> str:
    return f"{value}%"


register(
    EventType(
        name="conversation.reply",
        label=_("A nurse answered"),
        category=Category.SYSTEM,
        payload={"answer_id": int},
        params=(
            # Discreet, for it is what the nurse wants to be read there.
            Param("message", _("what the nurse wrote"), "You may come on Friday.", discreet=True),
            _CLINIC,
        ),
        texts=event_texts.REPLY,
        recipients=recipients.reply_recipients,
        still_relevant=recipients.while_they_live,
        channels=_CHANNELS,
        priority=Priority.HIGH,
        time_critical=True,
    )
)

register(
    EventType(
        name="conversation.read",
        label=_("A nurse read what somebody wrote"),
        category=Category.SYSTEM,
        payload={"conversation_id": int},
        params=(_CLINIC,),
        texts=event_texts.READ,
        recipients=recipients.read_recipients,
        still_relevant=recipients.still_without_an_answer,
        channels=_CHANNELS,
    )
)

register(
    EventType(
        name="conversation.urgent",
        label=_("Somebody wrote of an emergency"),
        category=Category.SYSTEM,
        payload={"conversation_id": int},
        params=(_CLINIC,),
        texts=event_texts.URGENT,
        recipients=recipients.urgent_recipients,
        still_relevant=recipients.still_urgent,
        channels=_CHANNELS,
        for_staff=True,
        priority=Priority.URGENT,
        time_critical=True,
    )
)

register(
    EventType(
        name=budgets.BUDGET,
        label=_("The budget for messages"),
        category=Category.SYSTEM,
        payload={"clinic_id": int, "percent": int, "spent": str, "budget": str},
        params=(
            Param("clinic", _("the clinic"), "Kliniek Noord", text),
            Param("percent", _("how much of the budget is used"), 80, _percent),
            Param("spent", _("what messages cost this month"), Decimal("1612.50"), rand),
            Param("budget", _("the budget of a month"), Decimal(2000), rand),
        ),
        texts=_BUDGET_TEXTS,
        recipients=budgets.recipients,
        channels=_CHANNELS,
        for_staff=True,
    )
)

register(
    EventType(
        name=month_reports.MONTH,
        label=_("The figures of a month"),
        category=Category.SYSTEM,
        payload={"clinic_id": int, "month": str},
        params=(
            Param("clinic", _("the clinic"), "Kliniek Noord", text),
            Param("month", _("the month"), date(2026, 11, 1), _month, discreet=True),
        ),
        texts=_MONTH_TEXTS,
        recipients=month_reports.recipients,
        channels=_CHANNELS,
        for_staff=True,
    )
)

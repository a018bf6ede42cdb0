"""The event types of this app: placeholders, texts and recipients of each. Found by the engine at start."""

from datetime import UTC, date, datetime, time

from django.utils.translation import gettext_lazy as _

from events import event_texts, formats, recipients, visit_formats, visit_recipients, visit_texts
from events.formats import MovedValue
from events.visit_formats import ChangeValue
from notifications.registry import register
from notifications.types import Category, EventType, Param, Priority

_CLUB = ("Diabetes club", "Diabetesklub")
_SPAN = (datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC))
_LATER = (datetime(2026, 11, 25, 8, tzinfo=UTC), datetime(2026, 11, 25, 10, tzinfo=UTC))
_CLINIC = "Khayelitsha Clinic"

_TITLE = Param("title", _("the title of the event"), (_CLUB,), formats.titles)
_ONE_EVENT = (
    _TITLE,
    Param("when", _("the day, with the start and end times"), _SPAN, formats.when),
    Param("where", _("the venue and the clinic"), ("Hall", _CLINIC), formats.where),
)
_CLINIC_PARAM = Param("clinic", _("the clinic"), _CLINIC)
# Calls are off for everybody who didn't turn them on; then they bring this.
_CHANNELS = {"in_app": True, "email": True, "push": True, "voice": True}
# The reminder an hour before says what "starting" says, and nobody misses anything who isn't told that it is over.
_BY_SMS_ALONE = frozenset({"sms"})

register(
    EventType(
        name="event.joined",
        label=_("Joined an event"),
        category=Category.EVENT,
        payload={"attendance_id": int},
        params=_ONE_EVENT,
        texts=event_texts.JOINED,
        recipients=recipients.place_recipients,
        still_relevant=recipients.joined_still_relevant,
        channels=_CHANNELS,
        stands_in=_BY_SMS_ALONE,
    )
)

register(
    EventType(
        name="event.place_free",
        label=_("Moved up from the waiting list"),
        category=Category.EVENT,
        payload={"attendance_id": int},
        params=_ONE_EVENT,
        texts=event_texts.PLACE_FREE,
        recipients=recipients.place_recipients,
        still_relevant=recipients.joined_still_relevant,
        channels=_CHANNELS,
        stands_in=_BY_SMS_ALONE,
        priority=Priority.HIGH,
    )
)

register(
    EventType(
        name="event.reminder",
        label=_("An event is coming up"),
        category=Category.EVENT,
        payload={"event_id": int, "starts_at": str, "minutes": int},
        params=_ONE_EVENT,
        texts=event_texts.REMINDER,
        recipients=recipients.reminder_recipients,
        still_relevant=recipients.joined_still_relevant,
        channels=_CHANNELS,
        stands_in=_BY_SMS_ALONE,
    )
)

# These three would come too late after quiet hours: people would already be on their way.
register(
    EventType(
        name="event.starting",
        label=_("An event starts in an hour"),
        category=Category.EVENT,
        payload={"event_id": int, "starts_at": str},
        params=_ONE_EVENT,
        texts=event_texts.STARTING,
        recipients=recipients.starting_recipients,
        still_relevant=recipients.joined_still_relevant,
        channels=_CHANNELS,
        priority=Priority.HIGH,
        time_critical=True,
    )
)

register(
    EventType(
        name="event.moved",
        label=_("An event was moved"),
        category=Category.EVENT,
        payload={"moved": list},
        params=(
            _TITLE,
            Param(
                "moved",
                _("when and where it is now, a line for each date"),
                (MovedValue(_SPAN[0], _LATER, "Hall"),),
                formats.moved,
            ),
            _CLINIC_PARAM,
        ),
        texts=event_texts.MOVED,
        recipients=recipients.moved_recipients,
        still_relevant=recipients.moved_still_relevant,
        channels=_CHANNELS,
        stands_in=_BY_SMS_ALONE,
        priority=Priority.HIGH,
        time_critical=True,
    )
)

register(
    EventType(
        name="event.cancelled",
        label=_("An event was cancelled"),
        category=Category.EVENT,
        payload={"event_ids": list},
        params=(
            _TITLE,
            Param("events", _("when it was planned for, a line for each date"), (_SPAN,), formats.spans),
            _CLINIC_PARAM,
            Param("reason", _("the reason, if there is one"), "The nurse is ill.", formats.reason),
        ),
        texts=event_texts.CANCELLED,
        recipients=recipients.cancelled_recipients,
        still_relevant=recipients.cancelled_still_relevant,
        channels=_CHANNELS,
        stands_in=_BY_SMS_ALONE,
        priority=Priority.HIGH,
        time_critical=True,
    )
)

register(
    EventType(
        name="event.ended",
        label=_("An event is over"),
        category=Category.EVENT,
        payload={"event_id": int, "starts_at": str},
        params=_ONE_EVENT,
        texts=event_texts.ENDED,
        recipients=recipients.ended_recipients,
        still_relevant=recipients.ended_still_relevant,
        channels=_CHANNELS,
    )
)

_VISIT = (
    Param("what", _("what the visit is for"), "collection", visit_formats.what),
    Param(
        "when",
        _("the day, and the time if there is one"),
        (date(2026, 12, 3), None),
        visit_formats.when,
        discreet=True,
    ),
    _CLINIC_PARAM,
    Param("for_whom", _("“you”, or the patient’s name for a carer"), "", visit_formats.for_whom),
)

register(
    EventType(
        name="visit.reminder",
        label=_("A visit is coming up"),
        category=Category.VISIT,
        payload={"visit_id": int, "day": str, "step": str},
        params=_VISIT,
        texts=visit_texts.REMINDER,
        recipients=visit_recipients.reminder_recipients,
        still_relevant=visit_recipients.reminder_still_relevant,
        channels=_CHANNELS,
        stands_in=_BY_SMS_ALONE,
        clinical=True,
        reply_hint=visit_texts.REMINDER_REPLY_HINT,
    )
)

register(
    EventType(
        name="visit.missed",
        label=_("A visit was missed"),
        category=Category.VISIT,
        payload={"visit_id": int},
        params=_VISIT,
        texts=visit_texts.MISSED,
        recipients=visit_recipients.missed_recipients,
        still_relevant=visit_recipients.missed_still_relevant,
        channels=_CHANNELS,
        stands_in=_BY_SMS_ALONE,
        clinical=True,
    )
)

# As a moved event: whoever hears of it after quiet hours may be on the way.
register(
    EventType(
        name="visit.moved",
        label=_("A visit was moved or cancelled"),
        category=Category.VISIT,
        payload={"visit_id": int, "change": str},
        params=(
            *_VISIT,
            Param(
                "change",
                _("what became of it"),
                ChangeValue("moved", date(2026, 12, 3), date(2026, 12, 7), time(9, 30)),
                visit_formats.change,
                discreet=True,
            ),
            Param("reason", _("the reason, if there is one"), "The nurse is ill.", formats.reason),
        ),
        texts=visit_texts.MOVED,
        recipients=visit_recipients.moved_recipients,
        still_relevant=visit_recipients.moved_still_relevant,
        channels=_CHANNELS,
        stands_in=_BY_SMS_ALONE,
        priority=Priority.HIGH,
        clinical=True,
        time_critical=True,
    )
)

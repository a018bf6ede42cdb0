"""The report of a month: on its first working morning after, managers hear that their clinic's figures are ready."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from home.models import Clinic, ClinicCount
from home.selectors import managers_of
from home.worklist.results import next_working_day
from notifications import bus
from notifications.types import About, Publication, Recipient

MONTH = "clinic.month"
PAGE = "/figures/"
MORNING = time(7, 30)
_STILL_NEWS = timedelta(days=7)
"""For so long it is made up for what wasn't sent: nobody was there, or the site stood still."""
_A_DAY = timedelta(days=1)


def is_time(local: datetime) -> bool:
    """Whether the report of the month before is to go out by now, on the clinic's wall."""
    day = next_working_day(local.date().replace(day=1) - _A_DAY)
    begins = datetime.combine(day, MORNING, local.tzinfo)
    return begins <= local < begins + _STILL_NEWS


def report_months(*, now: datetime) -> int:
    """Tell the managers of each clinic, where it is time, that its last month is counted; how many clinics are new
    among them. Two queries, and what it takes to publish.
    """
    due: dict[int, date] = {}
    for clinic in Clinic.objects.order_by("pk"):
        local = now.astimezone(ZoneInfo(clinic.zone))
        if is_time(local):
            due[clinic.pk] = (local.date().replace(day=1) - _A_DAY).replace(day=1)
    if not due:
        return 0
    first, last = min(due.values()), max(due.values()) + timedelta(days=31)
    counted = ClinicCount.objects.filter(clinic__in=due, day__gte=first, day__lt=last)
    days = set(counted.order_by().values_list("clinic_id", "day").distinct())
    known = {(clinic_id, day.replace(day=1)) for clinic_id, day in days}
    return bus.publish_many(
        MONTH,
        [
            ({"clinic_id": clinic_id, "month": month.isoformat()}, f"{month:%Y-%m}:{clinic_id}")
            for clinic_id, month in due.items()
            if (clinic_id, month) in known
        ],
        now=now,
    )


def recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """The managers of the clinic. Two queries."""
    ids = {publication.payload["clinic_id"] for publication in publications}
    names = dict(Clinic.objects.filter(pk__in=ids).values_list("pk", "name"))
    managers = managers_of(names)
    for publication in publications:
        clinic_id = publication.payload["clinic_id"]
        month = date.fromisoformat(publication.payload["month"])
        page = f"{PAGE}?{urlencode({'place': clinic_id, 'month': f'{month:%Y-%m}'})}"
        for user_id in managers.get(clinic_id, ()):
            yield Recipient(
                publication.id,
                user_id,
                {"clinic": names.get(clinic_id, ""), "month": month},
                dedupe_key=f"month:{publication.id:012d}",
                path=page,
                related_object_type="clinic",
                related_object_id=clinic_id,
                about=About(clinic_id),
            )

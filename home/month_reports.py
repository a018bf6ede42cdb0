"""The report of a month: on the first working morning after it, managers hear that the figures of their clinic or
their district are ready."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from home.models import Clinic, ClinicCount, RegionRole
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
    """The managers of the clinic, and once a month those of its district. Three queries."""
    ids = {publication.payload["clinic_id"] for publication in publications}
    clinics = {clinic.pk: clinic for clinic in Clinic.objects.filter(pk__in=ids).select_related("region")}
    managers = managers_of(clinics)
    districts = _districts_of(clinics.values())
    for publication in publications:
        clinic = clinics.get(publication.payload["clinic_id"])
        if clinic is None:
            continue
        month = date.fromisoformat(publication.payload["month"])
        for user_id in managers[clinic.pk]:
            yield Recipient(
                publication.id,
                user_id,
                {"clinic": clinic.name, "month": month},
                dedupe_key=f"month:{publication.id:012d}",
                path=_page(clinic.pk, month),
                related_object_type="clinic",
                related_object_id=clinic.pk,
                about=About(clinic.pk),
            )
        district = clinic.region
        if district is None:
            continue
        for user_id in districts.get(district.pk, ()):
            # The first of its clinics that is counted tells of the district; the key lets no other do so again.
            yield Recipient(
                publication.id,
                user_id,
                {"clinic": district.name, "month": month},
                dedupe_key=f"month:{month:%Y-%m}:region:{district.pk}",
                path=_page(f"r{district.pk}", month),
                related_object_type="region",
                related_object_id=district.pk,
            )


def _page(place: object, month: date) -> str:
    return f"{PAGE}?{urlencode({'place': place, 'month': f'{month:%Y-%m}'})}"


def _districts_of(clinics: Iterable[Clinic]) -> dict[int, list[int]]:
    """The ids of whoever follows the figures of the districts of these clinics, by district. One query."""
    found: dict[int, list[int]] = {}
    roles = RegionRole.objects.filter(
        region__in={clinic.region_id for clinic in clinics if clinic.region_id}, user__is_active=True
    )
    for region_id, user_id in roles.order_by("user_id").values_list("region_id", "user_id"):
        found.setdefault(region_id, []).append(user_id)
    return found

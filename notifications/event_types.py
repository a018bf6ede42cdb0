"""The engine's own event type: what a clinic tells many people at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications import audiences, registry
from notifications.audiences import Started
from notifications.exceptions import MessageError
from notifications.languages.listed import PAGES
from notifications.models import Announcement, MessageSeries, Notification, SeriesLeaver
from notifications.texts import direct
from notifications.texts.formats import Bilingual, bilingual
from notifications.types import IN_APP, About, Category, EventType, Param, Publication, Reason, Recipient

ANNOUNCEMENT = direct.ANNOUNCEMENT
ALONE = 25
"""So many people may be told something without a second person's approval (docs/decisions/0136)."""
CATCH_UP = 2
"""Days after which a message of a series is still told of that nobody was told of in time; an older one never is."""
PLACE_DIGITS = 3
"""Of the place of a message in its series, with which the dedupe key of what it became ends."""
SLACK = timedelta(minutes=15)
"""For so long after midnight what was for the day before is still told: somebody may have chosen 23:59."""
LOOK_AGAIN = 1_000
"""After so many people it is asked anew whether somebody stopped it."""


def wordings(texts: Mapping[str, str]) -> Bilingual:
    """Texts by language, hashable, so that equal ones are rendered once."""
    return tuple(texts.get(language, "") for language in PAGES)


def payload_of(announcement: Announcement, *, approved: bool) -> dict[str, Any]:
    """What is published of an announcement: a copy, so that nothing that becomes of the row changes what is told."""
    return {
        "title": announcement.title,
        "message": announcement.message,
        "audiences": announcement.audiences,
        "within": announcement.within,
        "announced_by": announcement.author_id or 0,
        "filters": announcement.filters,
        "announcement": announcement.pk,
        "approved": approved,
        **({"day": announcement.day.isoformat()} if announcement.day else {}),
    }


def people_of(payload: Mapping[str, Any], now: datetime) -> list[int]:
    """The ids of everybody whom this would tell now, in order."""
    chosen = payload.get("filters", audiences.NO_FILTERS)
    return sorted(audiences.user_ids(payload["audiences"], payload["within"], chosen, now=now))


def recipients(publications: Sequence[Publication], now: datetime) -> Iterable[Recipient]:
    """Everybody in the audiences for whom the filters hold; a few queries for each publication, and one more for every
    thousand people, after which nobody of a stopped one is told.

    MessageError where nobody approved and there are more people by now than one person may tell alone, and where it is
    for a day that is over.
    """
    for publication in publications:
        payload: Mapping[str, Any] = publication.payload
        if "series" in payload:
            yield from _of_series(publication)
            continue
        announcement: int | None = payload.get("announcement")
        ends = _ends(payload, now)
        people = people_of(payload, now)
        if not payload.get("approved", True) and len(people) > ALONE:
            raise MessageError(
                f"It reaches {len(people)} people by now, and nobody approved it: {ALONE} at most are told without."
            )
        params = {"title": wordings(payload["title"]), "message": wordings(payload["message"])}
        about = audiences.about(payload["within"])
        key = f"announcement:{publication.id:012d}"
        data = {"announcement": announcement} if announcement else {}
        for first in range(0, len(people), LOOK_AGAIN):
            if announcement and _stopped([announcement]):
                break
            for user_id in people[first : first + LOOK_AGAIN]:
                yield Recipient(
                    publication.id,
                    user_id,
                    params,
                    dedupe_key=key,
                    data=data,
                    valid_until=ends,
                    about=about,
                )


def _ends(payload: Mapping[str, Any], now: datetime) -> datetime | None:
    """Until when it is true, where it is for one day of its clinic; MessageError where that day is over."""
    if (day := payload.get("day")) is None:
        return None
    [zone] = audiences.zones([payload["within"]])
    ends = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), ZoneInfo(zone)) + SLACK
    if now >= ends:
        raise MessageError(f"It was for {day}, and that day is over.")
    return ends.astimezone(UTC)


def series_payload(series: MessageSeries, day: date) -> dict[str, Any]:
    """What is published of a series for one day. What it says is looked up then: nothing of it changes once it runs."""
    return {
        "title": dict.fromkeys(PAGES, series.name),
        "message": dict.fromkeys(PAGES, ""),
        "audiences": [],
        "within": series.within,
        "announced_by": series.author_id or 0,
        "series": series.pk,
        "day": day.isoformat(),
    }


def series_key(series: MessageSeries) -> str:
    """With what the dedupe keys of its publications and messages begin."""
    return f"series:{series.pk:09d}:"


def due_on(series: MessageSeries, day: date, zone: str) -> list[tuple[int, Started]]:
    """The messages of a series that are due on that day there, or fell due in the days before (`CATCH_UP`) and after it
    began: each by its place, and whose date it follows. One query, and those of its start.
    """
    if series.begun_at is None:
        return []
    begun = timezone.localdate(series.begun_at, ZoneInfo(zone))
    days = [day - timedelta(days=ago) for ago in range(CATCH_UP + 1) if day - timedelta(days=ago) >= begun]
    places: dict[date, list[int]] = defaultdict(list)
    for place, step in enumerate(series.steps):
        for due in days:
            places[due - timedelta(days=step["day"])].append(place)
    start = audiences.start_named(series.start)
    left = set(series.leavers.values_list("subject_id", flat=True))
    started = start.starts(series.values, series.within, list(places))
    return [(place, each) for each in started if each.subject_id not in left for place in places[each.day]]


def _of_series(publication: Publication) -> Iterable[Recipient]:
    """Whoever is told of those whose message is due; nobody once it ended. The same message comes to nobody twice for
    the same date, nor because of the same subject: a mother of twins has it once, also when a date is corrected.
    """
    series = MessageSeries.objects.filter(pk=publication.payload["series"], ended_at__isnull=True).first()
    if series is None:
        return
    [zone] = audiences.zones([series.within])
    due = due_on(series, date.fromisoformat(publication.payload["day"]), zone)
    of_a_day: dict[tuple[int, date], set[int]] = defaultdict(set)
    for place, each in due:
        of_a_day[place, each.day].add(each.subject_id)
    subjects = {each.subject_id for _place, each in due}
    people = audiences.people_of(subjects)
    told = _told(series, {each.scope_id for _place, each in due}, subjects)
    for place, each in due:
        step = series.steps[place]
        params = {"title": wordings(step["title"]), "message": wordings(step["message"])}
        for user_id in people.get(each.subject_id, ()):
            if not told.get((user_id, place), set()).isdisjoint(of_a_day[place, each.day]):
                continue
            yield Recipient(
                publication.id,
                user_id,
                params,
                dedupe_key=f"{series_key(series)}{each.day}:{place:0{PLACE_DIGITS}d}",
                data={"series": series.pk, "subject": each.subject_id, "day": each.day.isoformat()},
                about=About(each.scope_id, each.subject_id),
            )


def place_of(dedupe_key: str) -> int:
    """Of which message of its series a message is, by its dedupe key."""
    return int(dedupe_key[-PLACE_DIGITS:])


def _told(
    series: MessageSeries, scope_ids: Collection[int | None], subject_ids: Collection[int]
) -> dict[tuple[int, int], set[int | None]]:
    """By person and place in the series, because of whom they were told. One query."""
    rows = Notification.objects.filter(
        event_type=ANNOUNCEMENT,
        scope_id__in=scope_ids,
        subject_id__any_of=subject_ids,
        dedupe_key__startswith=series_key(series),
    )
    told: dict[tuple[int, int], set[int | None]] = defaultdict(set)
    for user_id, key, subject_id in rows.values_list("recipient_id", "dedupe_key", "subject_id"):
        told[user_id, place_of(key)].add(subject_id)
    return told


def _stopped(ids: Iterable[int]) -> set[int]:
    rows = Announcement.objects.filter(pk__in=set(ids), stopped_at__isnull=False)
    return set(rows.values_list("pk", flat=True))


def still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool | Reason]:
    """Not once it was stopped, or its series ended, or who it is about is in that no more: taken out by staff, dead,
    gone to another clinic, or with another date. Three queries at most, and one for each series among them.
    """
    ids = {each["announcement"] for each in data if "announcement" in each}
    stopped = _stopped(ids) if ids else set()
    in_series = _in_series([each for each in data if "series" in each])
    return [
        in_series[_key(each)]
        if "series" in each
        else (Reason.STOPPED if each.get("announcement") in stopped else True)
        for each in data
    ]


def _key(each: Mapping[str, Any]) -> tuple[int, int, str]:
    """What a message of a series is checked by; one without a day is of the time before that was kept."""
    return each["series"], each["subject"], each.get("day", "")


def _in_series(data: Sequence[Mapping[str, Any]]) -> dict[tuple[int, int, str], bool | Reason]:
    keys = {_key(each) for each in data}
    if not keys:
        return {}
    running = MessageSeries.objects.filter(pk__in={key[0] for key in keys}, ended_at__isnull=True)
    left = set(SeriesLeaver.objects.filter(series__in=running).values_list("series_id", "subject_id"))
    found: dict[tuple[int, int, str], bool | Reason] = dict.fromkeys(keys, Reason.STOPPED)
    for series in running:
        theirs = {key for key in keys if key[0] == series.pk and key[:2] not in left}
        days = {date.fromisoformat(day) for _series, _subject, day in theirs if day}
        started = _started(series, days) if days else set()
        found |= {key: not key[2] or (key[1], date.fromisoformat(key[2])) in started for key in theirs}
    return found


def _started(series: MessageSeries, days: Collection[date]) -> set[tuple[int, date]]:
    """Whose date is which of these days; nobody's where its start is declared no more."""
    start = next((each for each in audiences.starts() if each.name == series.start), None)
    found = start.starts(series.values, series.within, days) if start else ()
    return {(each.subject_id, each.day) for each in found}


_TITLE = ("The clinic is closed on Friday", "Die kliniek is Vrydag gesluit")
_MESSAGE = ("We are open again on Monday at 07:30.", "Ons is Maandag om 07:30 weer oop.")

registry.register(
    EventType(
        name=ANNOUNCEMENT,
        label=_("Announcement"),
        category=Category.SYSTEM,
        payload={"title": dict, "message": dict, "audiences": list, "within": dict, "announced_by": int},
        optional={"filters": dict, "announcement": int, "approved": bool, "series": int, "day": str},
        params=(
            Param("title", _("title"), _TITLE, format=bilingual),
            Param("message", _("message"), _MESSAGE, format=bilingual),
        ),
        texts=direct.TEXTS,
        recipients=recipients,
        still_relevant=still_relevant,
        channels={IN_APP: True, "email": True, "push": True},
    )
)

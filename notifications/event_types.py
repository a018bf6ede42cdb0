"""The engine's own event type: what a clinic tells many people at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications import audiences, registry
from notifications.audiences import Started
from notifications.exceptions import MessageError
from notifications.languages.listed import PAGES
from notifications.models import Announcement, MessageSeries, SeriesLeaver
from notifications.texts import direct
from notifications.texts.formats import Bilingual, bilingual
from notifications.types import IN_APP, About, Category, EventType, Param, Publication, Reason, Recipient

ANNOUNCEMENT = direct.ANNOUNCEMENT
ALONE = 25
"""So many people may be told something without a second person's approval (docs/decisions/0136)."""
CATCH_UP = 2
"""Days after which a message of a series is still told of that nobody was told of in time; an older one never is."""
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
        _check_day(payload, now)
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
                yield Recipient(publication.id, user_id, params, dedupe_key=key, data=data, about=about)


def _check_day(payload: Mapping[str, Any], now: datetime) -> None:
    day = payload.get("day")
    if day and timezone.localdate(now - SLACK) > date.fromisoformat(day):
        raise MessageError(f"It was for {day}, and that day is over.")


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


def due_on(series: MessageSeries, day: date) -> list[tuple[int, Started]]:
    """The messages of a series that are due on that day, or fell due in the days before (`CATCH_UP`) and after it
    began: each by its place, and whose date it follows. Two queries, and those of its start.
    """
    if series.begun_at is None:
        return []
    begun = timezone.localdate(series.begun_at)
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
    """Whoever is told of those whose message is due; nobody once it ended. The same message for the same date comes to
    nobody twice: a mother of twins has it once.
    """
    series = MessageSeries.objects.filter(pk=publication.payload["series"], ended_at__isnull=True).first()
    if series is None:
        return
    due = due_on(series, date.fromisoformat(publication.payload["day"]))
    people = audiences.people_of({each.subject_id for _place, each in due})
    scope_id = audiences.about(series.within).scope_id
    for place, each in due:
        step = series.steps[place]
        params = {"title": wordings(step["title"]), "message": wordings(step["message"])}
        for user_id in people.get(each.subject_id, ()):
            yield Recipient(
                publication.id,
                user_id,
                params,
                dedupe_key=f"{series_key(series)}{each.day}:{place:03d}",
                data={"series": series.pk, "subject": each.subject_id},
                about=About(scope_id, each.subject_id),
            )


def _stopped(ids: Iterable[int]) -> set[int]:
    rows = Announcement.objects.filter(pk__in=set(ids), stopped_at__isnull=False)
    return set(rows.values_list("pk", flat=True))


def still_relevant(data: Sequence[Mapping[str, Any]]) -> Sequence[bool | Reason]:
    """Not once it was stopped, or its series ended, or who it is about was taken out of that. Three queries at most."""
    ids = {each["announcement"] for each in data if "announcement" in each}
    stopped = _stopped(ids) if ids else set()
    in_series = {each["series"] for each in data if "series" in each}
    ended: set[int] = set()
    left: set[tuple[int, int]] = set()
    if in_series:
        ended = set(
            MessageSeries.objects.filter(pk__in=in_series, ended_at__isnull=False).values_list(
                "pk", flat=True
            )
        )
        left = set(SeriesLeaver.objects.filter(series__in=in_series).values_list("series_id", "subject_id"))

    def is_stopped(each: Mapping[str, Any]) -> bool:
        return (
            each.get("announcement") in stopped
            or each.get("series") in ended
            or (each.get("series"), each.get("subject")) in left
        )

    return [Reason.STOPPED if is_stopped(each) else True for each in data]


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

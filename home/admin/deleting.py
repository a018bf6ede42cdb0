"""What a delete in the admin would take along: Wagtail knows its own index of references only, not the cascades."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import router
from django.db.models import Model, OneToOneField, ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from modelcluster.fields import ParentalKey
from wagtail.admin import messages

from home.models import User


def taken_along(row: Model) -> str:
    """The other rows that would go with this one, in words ("Doses: 3, Schedules: 1"); empty when it would go alone.

    What is a part of it goes silently: rows of its own form, those of which it can have one at most, and those whose
    model says so (`part_of`). Raises ProtectedError or RestrictedError where the database refuses anyway.
    """
    collector = Collector(using=router.db_for_write(type(row)), origin=row)
    collector.collect([row])
    counts: Counter[type[Model]] = Counter()
    for model, rows in collector.data.items():
        counts[model] += len(rows)
    for queryset in collector.fast_deletes:
        counts[queryset.model] += queryset.count()
    counts[type(row)] -= 1
    found = [
        (model, number) for model, number in counts.items() if number > 0 and not _is_part(model, type(row))
    ]
    return ", ".join(
        f"{str(model._meta.verbose_name_plural).capitalize()}: {number}" for model, number in found
    )


def _is_part(model: type[Model], of: type[Model]) -> bool:
    if model._meta.auto_created or getattr(model, "part_of", None) is of:
        return True
    fields = [field for field in model._meta.get_fields() if getattr(field, "related_model", None) is of]
    return any(isinstance(field, ParentalKey | OneToOneField) for field in fields)


def refusal(row: Model) -> str:
    """Why this row can't be deleted, in words for staff; empty when it can."""
    try:
        others = taken_along(row)
    except (ProtectedError, RestrictedError):
        return _("%(name)s can't be deleted, because other records belong to it.") % {"name": row}
    if not others:
        return ""
    said = _("%(name)s can't be deleted, because other records belong to it and would go too: %(others)s.")
    return said % {"name": row, "others": others}


def refuse_deleting_people(request: HttpRequest, user: User) -> HttpResponse | None:
    """People to whom messages or patients belong are erased, or their account is turned off. A hook of Wagtail's."""
    return _refused(request, [user])


def refuse_deleting_people_in_bulk(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any
) -> HttpResponse | None:
    """The same for many at once."""
    if action_type != "delete":
        return None
    return _refused(request, [each for each in objects if isinstance(each, User)])


def _refused(request: HttpRequest, users: Iterable[User]) -> HttpResponse | None:
    said = [words for words in map(refusal, users) if words]
    if not said:
        return None
    advice = _(
        "Turn the account off instead: take the tick from “Active”. Who wants to be erased asks for that."
    )
    messages.error(request, " ".join([*said, advice]))
    return redirect(reverse("wagtailusers_users:index"))

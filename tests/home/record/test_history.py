"""Who changed what from what to what, in words, and with what is sensitive masked."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from home.models import AccessRecord, Clinic, Consent, FollowUp, Invitation, Patient, Transfer, User
from home.privacy.sentences import label
from home.record.history import history
from home.record.log_entries import changes_between, hidden_changes, values_of
from home.record.sections import Reading
from tests.factories import UserFactory
from tests.home.conftest import Cast

pytestmark = pytest.mark.django_db


def edited(client: Client, patient: Patient, **changes: Any) -> None:
    form = client.get(reverse("patients:edit", args=[patient.pk])).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    for formset in form.formsets.values():
        data |= {f"{formset.prefix}-{name}": value for name, value in formset.management_form.initial.items()}
        for each in formset.forms:
            data |= {each.add_prefix(name): each[name].value() or "" for name in each.fields}
    data = {name: "" if value is None else value for name, value in data.items()}
    answer = client.post(reverse("patients:edit", args=[patient.pk]), {**data, **changes})
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer.headers["Location"] == reverse("patients:record", args=[patient.pk])


def test_an_edit_says_from_what_to_what(at_desk: Client, cast: Cast) -> None:
    edited(at_desk, cast.pieter, last_name="Bothma", date_of_birth="15/03/1950")

    page = at_desk.get(reverse("patients:changes", args=[cast.pieter.pk])).content.decode()

    assert "last name: Botha → Bothma; date of birth: 14 March 1950 → 15 March 1950" in page
    assert "{" not in page[page.index("record__lines") : page.index("</ol>")]


def test_who_no_longer_cares_is_named_by_the_page_and_not_by_the_log(at_desk: Client, cast: Cast) -> None:
    edited(at_desk, cast.pieter, **{"care_roles-0-DELETE": "on"})

    page = at_desk.get(reverse("patients:changes", args=[cast.pieter.pk])).content.decode()
    assert f"{cast.anna} no longer cares for the patient" in page.replace("<bdi>", "")
    entry = ModelLogEntry.objects.get(action="wagtail.edit")
    assert "Anna" not in str(entry.data)


def test_numbers_are_masked() -> None:
    clinic = Clinic(name="Hillbrow")
    before = Patient(clinic=clinic, id_number="9205270123087")
    after = Patient(clinic=clinic, id_number="8205270123087")

    changes = changes_between(values_of(before), values_of(after), real=hidden_changes(before, after))

    assert changes == [["id_number", "…087", "…087"]]


def test_all_changes_go_back_page_by_page(client: Client, cast: Cast) -> None:
    client.force_login(cast.manager)
    now = timezone.now()
    AccessRecord.objects.bulk_create(
        AccessRecord(
            patient=cast.pieter,
            user=cast.nurse,
            kind="looked",
            page="patients",
            slot=now - timedelta(hours=hours),
            at=now - timedelta(hours=hours),
            last_at=now,
        )
        for hours in range(1, 71)
    )
    address = reverse("patients:changes", args=[cast.pieter.pk])

    first = client.get(address)
    second = client.get(address, {"before": first.context["older"]})

    assert (len(first.context["lines"]), len(second.context["lines"])) >= (50, 20)
    seen = [line for answer in (first, second) for _at, line in answer.context["lines"]]
    assert [line.at for line in seen] == sorted((line.at for line in seen), reverse=True)
    assert len([line for line in seen if line.who == str(cast.nurse)]) == 70
    assert second.context["older"] == ""


def invited(cast: Cast, at: datetime, **answered: Any) -> None:
    Invitation.objects.create(
        patient=cast.pieter,
        relation="carer",
        phone="+27825550142",
        invited_by=cast.nurse,
        digest=at.isoformat(),
        created_at=at,
        expires_at=at + Invitation.LIFE,
        **answered,
    )


def read(user: User, patient: Patient, before: datetime | None = None, limit: int = 50) -> list[str]:
    now = timezone.now()
    reading = Reading(patient, User.objects.get(pk=user.pk), now)
    with translation.override("en"):
        return [f"{line.who}: {line.words}" for line in history(reading, before=before or now, limit=limit)]


def test_managers_alone_read_who_looked(cast: Cast) -> None:
    now = timezone.now()
    AccessRecord.objects.create(
        patient=cast.pieter, user=cast.nurse, kind="looked", page="patients", slot=now, at=now, last_at=now
    )
    later = now + timedelta(minutes=1)

    assert [line for line in read(cast.manager, cast.pieter, later) if "looked at" in line]
    assert not [line for line in read(cast.nurse, cast.pieter, later) if "looked at" in line]


def test_what_somebody_may_not_read_elsewhere_is_not_here_either(cast: Cast) -> None:
    ago = timezone.now() - timedelta(hours=1)
    invited(cast, ago)
    Transfer.objects.create(
        patient=cast.pieter,
        from_clinic=cast.clinic,
        to_clinic=cast.other_clinic,
        asked_by=cast.nurse,
        asked_at=ago,
    )
    FollowUp.objects.create(
        patient=cast.pieter,
        clinic=cast.clinic,
        by=cast.nurse,
        at=ago,
        result=FollowUp.Result.NO_ANSWER,
        back_on=timezone.localdate(ago),
    )
    said = ("agreed", "invited somebody", "to take the patient over", "called: ")

    lines = read(cast.nurse, cast.pieter)
    assert all(any(words in line for line in lines) for words in said)
    assert not read(UserFactory(), cast.pieter)


def test_what_staff_set_for_somebody_is_said_with_whose_it_is(cast: Cast) -> None:
    log(
        instance=cast.pieter,
        action="home.wishes",
        user=cast.nurse,
        data={"person": cast.anna.pk, "changes": [["language", "en", "af"]]},
        timestamp=timezone.now() - timedelta(hours=1),
    )

    [line] = [line for line in read(cast.nurse, cast.pieter) if "Language" in line]

    assert line == f"{cast.nurse}: set what {cast.anna} wants (Language: English → Afrikaans)"


def test_an_entry_without_words_takes_no_ones_place(cast: Cast) -> None:
    Consent.objects.all().delete()
    now = timezone.now()
    for minutes, action in ((1, "wagtail.view_restriction.edit"), (2, "wagtail.create")):
        log(instance=cast.pieter, action=action, user=cast.nurse, timestamp=now - timedelta(minutes=minutes))

    assert f"{cast.nurse}: registered this patient" in read(cast.nurse, cast.pieter, limit=1)


def test_what_was_agreed_to_long_ago_and_taken_back_since_is_said(cast: Cast) -> None:
    now = timezone.now()
    Consent.objects.all().delete()

    def consent(hours: int, purpose: str, **ended: Any) -> None:
        given = now - timedelta(hours=hours)
        Consent.objects.create(
            user=cast.anna,
            purpose=purpose,
            version=1,
            language="en",
            how=Consent.How.SITE,
            given_at=given,
            **ended,
        )

    consent(90, "sms", withdrawn_at=now - timedelta(hours=1), withdrawn_how=Consent.Ended.SMS)
    consent(80, "email", withdrawn_at=now - timedelta(minutes=1), withdrawn_how=Consent.Ended.RENEWED)
    consent(2, "email")

    assert read(cast.nurse, cast.pieter, limit=1) == [f": {cast.anna} took back: {label('sms')}"]
    older = read(cast.nurse, cast.pieter, before=now - timedelta(hours=85), limit=1)
    assert older == [f": {cast.anna} agreed: {label('sms')}"]


def test_an_invitation_of_long_ago_that_was_accepted_since_is_said(cast: Cast) -> None:
    Consent.objects.all().delete()
    now = timezone.now()

    invited(cast, now - timedelta(hours=90), accepted_at=now - timedelta(hours=1), accepted_by=cast.anna)
    invited(cast, now - timedelta(hours=2))

    assert read(cast.nurse, cast.pieter, limit=1)[0].startswith(f"{cast.anna}: accepted the invitation")
    older = read(cast.nurse, cast.pieter, before=now - timedelta(hours=85), limit=1)
    assert older[0].startswith(f"{cast.nurse}: invited somebody")


@pytest.mark.parametrize(
    "before",
    [
        "yesterday",
        "2026-13-45T00:00:00Z",
        "2026-11-24T08:00:00",
        "\x00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_moment_is_now(at_desk: Client, cast: Cast, before: str) -> None:
    answer = at_desk.get(reverse("patients:changes", args=[cast.pieter.pk]), {"before": before})

    assert answer.status_code == 200


def test_a_birth_after_the_death_is_refused_on_the_edit_page(at_desk: Client, cast: Cast) -> None:
    Patient.objects.filter(pk=cast.pieter.pk).update(deceased_on=date(2020, 1, 1))

    form = at_desk.post(
        reverse("patients:edit", args=[cast.pieter.pk]),
        {"first_name": "Pieter", "last_name": "Botha", "clinic": cast.clinic.pk, "date_of_birth": "1/1/2021"},
    ).context["form"]

    assert "date_of_birth" in form.errors

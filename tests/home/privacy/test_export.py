"""The download of everything about oneself: what is in it, who gets it, and what becomes of it when a worker dies."""

import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.models import DataExport, Patient, Relation, User
from home.privacy import export as exports
from home.privacy.export import export_ask, make_next_export
from home.privacy.tasks import make_data_exports
from notifications import privacy
from notifications.encryption.rotation import rotate
from notifications.models import Notification, NotificationPreferences
from notifications.pipeline.retention import wipe_texts
from notifications.work.leases import claim
from notifications.work.sweep import sweep
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.privacy.conftest import NOW
from tests.home.privacy.life import EMAIL, FIRST, LAST, PHONE, live
from tests.home.transactional import phones, queued  # noqa: F401 - fixtures
from tests.medications.factories import DoseFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]
READY = DataExport.State.READY


def ask(user: User, patient: Patient | None = None, language: str = "en") -> DataExport:
    return export_ask(user=user, patient=patient, language=language, now=NOW)


def made(export: DataExport) -> tuple[dict[str, Any], str]:
    """What the file has, for programs and for people."""
    make_next_export(now=NOW)
    export.refresh_from_db()
    assert export.state == READY, export.error
    with ZipFile(BytesIO(export.content or b"")) as archive:
        assert sorted(archive.namelist()) == ["my-data.html", "my-data.json"]
        return json.loads(archive.read("my-data.json")), archive.read("my-data.html").decode()


def test_everything_about_a_person_is_in_the_file(cast: Cast) -> None:
    life = live(cast)
    data, page = made(ask(life.user))
    empty = {name for name, rows in data.items() if rows == []}
    assert empty <= {"staff_roles", "second_factors", "cares_for", "replies", "weekly_questions"}
    assert data["account"][0] | {"email": EMAIL, "phone": PHONE, "first_name": FIRST} == data["account"][0]
    assert data["record"][0]["date_of_birth"] == "1987-06-05"
    assert [row["own_words"] for row in data["doses"] if row["own_words"]] == [f"{FIRST} was at the dentist"]
    assert {row["answer"] for row in data["answers"]} == {"taken", "skipped"}
    assert {row["kind"] for row in data["stock_movements"]} >= {"received", "wasted", "taken"}
    assert f"Dear {FIRST}" in {row["title"] for row in data["messages"]}
    assert f"This is {FIRST} {LAST}" in {row["text"] for row in data["sms_received"]}
    assert EMAIL in {row["address"] for row in data["sent_outside"]}
    assert data["events"][0]["event"] == "Outreach day"
    for words in (f"{FIRST} was at the dentist", "Metformin 500 mg", "5 June 1987", EMAIL):
        assert words in page


def test_nothing_of_other_people_is_in_it(cast: Cast) -> None:
    life = live(cast)
    data, page = made(ask(life.user))
    whole = json.dumps(data) + page
    assert str(cast.anna.email) not in whole
    assert f"About {FIRST}" not in whole  # what was written to Anna
    assert data["carers"][-1]["person"] == cast.anna.get_full_name()


def test_it_is_in_the_language_and_on_the_clock_of_its_reader(cast: Cast) -> None:
    life = live(cast)
    NotificationPreferences.objects.filter(user=life.user).update(timezone="Europe/London", language="af")
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        data, page = made(ask(life.user, language="af"))
    assert '<html lang="af">' in page
    assert "5 Junie 1987" in page
    assert data["made"] == "2026-11-24T06:00:00+00:00"
    assert "24 November 2026, 06:00" in page
    told = Notification.objects.get(recipient=life.user, path="/my-data/")
    assert told.title == "U aflaai is gereed"
    assert "1 Desember 2026" in told.body


def test_a_guardian_gets_what_is_about_the_child_alone(cast: Cast) -> None:
    child = PatientFactory(clinic=cast.clinic, first_name="Lerato", last_name="Mokoena")
    CareRoleFactory(patient=child, user=cast.anna, relation=Relation.GUARDIAN)
    DoseFactory(prescription__patient=child, schedule__prescription__patient=child, patient=child)
    data, _page = made(ask(cast.anna, child))
    assert data["about"] == "Lerato Mokoena"
    assert len(data["doses"]) == 1
    assert "account" not in data
    assert "sms_received" not in data


def test_what_a_stranger_wrote_is_in_nobodys_file(cast: Cast) -> None:
    """No account isn't every row without one."""
    with pytest.raises(ValueError, match="no account"):
        privacy.Person(patient_ids=(1,)).account  # noqa: B018
    for section in privacy.sections(privacy.Person(patient_ids=(cast.pieter.pk,))):
        assert not section.of_account


def test_more_rows_cost_no_more_queries(cast: Cast) -> None:
    life = live(cast)

    def asked() -> int:
        DataExport.objects.all().delete()
        ask(life.user)
        with CaptureQueriesContext(connection) as queries:
            make_next_export(now=NOW)
        return len(queries)

    few = asked()
    for number in range(8):
        schedule = life.prescription.schedules.first()
        DoseFactory(
            schedule=schedule,
            prescription=life.prescription,
            patient=life.patient,
            due_at=NOW + timedelta(days=50 + number),
        )
    assert asked() == few


def test_one_is_made_at_a_time_and_the_new_one_replaces_the_old(cast: Cast) -> None:
    first = ask(cast.anna)
    with pytest.raises(ValidationError):
        ask(cast.anna)
    make_next_export(now=NOW)
    second = ask(cast.anna)
    assert list(DataExport.objects.values_list("pk", flat=True)) == [second.pk]
    assert second.pk != first.pk


def test_the_file_is_not_to_be_read_in_the_database(cast: Cast) -> None:
    export = ask(cast.anna)
    make_next_export(now=NOW)
    export.refresh_from_db()
    assert bytes(export.encrypted or b"")[:2] != b"PK"
    assert (export.content or b"")[:2] == b"PK"


def test_a_file_whose_key_is_gone_is_no_error(client: Client, cast: Cast, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["k" * 43 + "="]
    export = ask(cast.anna)
    make_next_export(now=NOW)
    settings.FIELD_ENCRYPTION_KEYS = ["v" * 43 + "="]
    client.force_login(cast.anna)
    assert client.get(f"/en/my-data/{export.pk}/").status_code == 404


def test_files_come_under_the_new_key_and_one_that_nobody_can_read_stops_no_other(
    cast: Cast, settings: Any
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    broken, export = ask(cast.anna), ask(cast.manager)
    make_next_export(now=NOW)
    make_next_export(now=NOW)
    DataExport.objects.filter(pk=broken.pk).update(encrypted=b"no token")
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    done = rotate()
    assert done.left == [f"home_dataexport {broken.pk} encrypted"]
    settings.FIELD_ENCRYPTION_KEYS = [new]
    export.refresh_from_db()
    assert export.content
    assert rotate().rows == 0


def test_one_that_fails_holds_up_nobody_and_is_given_up_in_the_end(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = ask(cast.anna), ask(cast.manager)
    real = exports.export_file

    def fail(person: privacy.Person, **values: Any) -> bytes:
        if person.user_id == cast.anna.pk:
            raise RuntimeError("a section failed")
        return real(person, **values)

    monkeypatch.setattr(exports, "export_file", fail)
    make_data_exports.call_local()
    whole.refresh_from_db()
    assert whole.state == READY
    for minutes in (2, 20):
        make_next_export(now=NOW + timedelta(minutes=minutes))
    broken.refresh_from_db()
    assert (broken.state, broken.encrypted) == (DataExport.State.FAILED, None)
    assert not Notification.objects.filter(recipient=cast.anna).exists()


def test_what_a_killed_worker_left_is_found_by_the_sweep_and_made_once(cast: Cast) -> None:
    export = ask(cast.anna)
    dead = claim(DataExport, now=NOW, limit=1)
    later = NOW + timedelta(minutes=2)
    assert ("make_data_exports", ()) in sweep(now=later).woken
    make_next_export(now=later)
    export.refresh_from_db()
    content = export.content
    exports._hand_over(export, b"late", replace(dead))  # it was only slow
    export.refresh_from_db()
    assert export.content == content
    assert Notification.objects.filter(recipient=cast.anna).count() == 1


def test_it_is_for_its_reader_alone_until_it_expires(client: Client, cast: Cast) -> None:
    export = ask(cast.anna)
    path = f"/en/my-data/{export.pk}/"
    client.force_login(cast.anna)
    assert client.get(path).status_code == 404  # not made yet
    make_next_export(now=NOW)
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert "no-store" in answer["Cache-Control"]
    assert client.post(path).status_code == 405
    for other in (cast.manager, cast.head_office, UserFactory()):
        client.force_login(other)
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    client.logout()
    assert client.get(path).status_code == 302


def test_it_goes_within_the_hour_after_a_week(client: Client, cast: Cast) -> None:
    export = ask(cast.anna)
    make_next_export(now=NOW)
    wipe_texts(now=NOW + timedelta(days=6, hours=23))
    assert DataExport.objects.exists()
    assert exports.export_for(cast.anna.pk, export.pk, now=NOW + timedelta(days=7)) is None
    wipe_texts(now=NOW + timedelta(days=7, seconds=1))
    assert not DataExport.objects.exists()


def test_a_name_is_taken_once() -> None:
    [section, *_rest] = privacy.sections(privacy.Person(1, (1,)))
    with pytest.raises(privacy.NotificationError):
        privacy.register_section(section)

"""Patients from a file: what becomes of each row, what is made, what is taken away again, and when anybody is told."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from home.admin.importing import patients as module
from home.admin.importing import row_cells
from home.imports.acts import (
    import_check,
    import_discard,
    import_run,
    import_start,
    import_stop,
    import_undo,
    rows_are_others,
)
from home.imports.cells import CellError, read_choice
from home.imports.verdicts import said_of
from home.imports.work import AT_ONCE, carry_on_next
from home.models import Consent, Import, ImportRow, Invitation, Patient, PatientNote, SearchKey
from home.patient_search import patients_found
from notifications.models import Notification
from tests.factories import PatientFactory
from tests.home.conftest import Cast
from tests.home.imports.conftest import NOW, work
from tests.home.imports.files import FATIMA, HEADINGS, SIPHO, csv_file, people
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]

Made = Callable[..., Import]


def states(run: Import) -> dict[int, str]:
    return dict(run.rows.order_by("number").values_list("number", "state"))


def said(run: Import, number: int) -> str:
    verdict = said_of(run.rows.get(number=number))
    return " ".join([*(each.words for each in verdict.problems), *verdict.notes])


def columns(run: Import, number: int) -> set[str]:
    return {each.column for each in said_of(run.rows.get(number=number)).problems}


def like(row: tuple[str, ...], **changes: str) -> tuple[str, ...]:
    names = ("first_name", "last_name", "born", "folder", "id", "phone", "language", "consent", "sms")
    return tuple(changes.get(name, value) for name, value in zip(names, row, strict=True))


# Made ---------------------------------------------------------------------------------------------------------------


def test_patients_are_registered_as_at_the_desk(done: Made, cast: Cast) -> None:
    run = done(csv_file([FATIMA, SIPHO]))
    assert states(run) == {2: "done", 3: "done"}
    fatima = Patient.objects.get(first_name="Fatima")
    assert (fatima.clinic, fatima.date_of_birth, str(fatima.phone)) == (
        cast.clinic,
        date(1992, 5, 27),
        "+27725550163",
    )
    invitation = Invitation.objects.get()
    assert (invitation.patient, invitation.relation, invitation.language) == (fatima, "self", "af")
    assert (invitation.purposes, invitation.invited_by) == (["reminders", "sms"], cast.nurse)
    assert list(patients_found(cast.nurse, "0163")) == [fatima]
    assert ModelLogEntry.objects.filter(object_id=str(fatima.pk), action="wagtail.create").count() == 1


def test_nothing_is_sent_before_somebody_says_so(done: Made) -> None:
    run = done(csv_file([FATIMA, SIPHO]))
    assert not Phones.sent
    assert not Notification.objects.exists()
    assert run.rows.filter(sends=True).count() == 1
    assert import_start(import_id=run.pk, now=NOW)
    work()
    run.refresh_from_db()
    assert (run.state, run.started_at) == ("done", NOW)
    [sms] = Phones.sent
    assert sms.address == "+27725550163"
    assert not import_start(import_id=run.pk, now=NOW)
    work()
    assert len(Phones.sent) == 1


def test_a_row_that_cannot_be_started_says_so_and_keeps_no_other_from_it(
    done: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = like(
        FATIMA,
        first_name="Zanele",
        last_name="Mbeki",
        born="1/2/1990",
        phone="072 555 0199",
        folder="WYN-777",
    )
    run = done(csv_file([FATIMA, other]))
    [poisoned, _sound] = run.rows.order_by("number")
    start = module.Patients.start

    def start_but_one(self: Any, made: Any, now: datetime) -> None:
        if made.patient_id == poisoned.patient_id:
            raise ZeroDivisionError
        start(self, made, now)

    monkeypatch.setattr(module.Patients, "start", start_but_one)
    assert import_start(import_id=run.pk, now=NOW)
    work()
    assert [sms.address for sms in Phones.sent] == ["+27725550199"]
    poisoned.refresh_from_db()
    [problem] = said_of(poisoned).problems
    assert (poisoned.state, poisoned.sends) == ("done", False)
    assert "could not start" in problem.words


def test_whoever_died_meanwhile_is_not_written_to(done: Made) -> None:
    run = done(csv_file([FATIMA]))
    Patient.objects.filter(first_name="Fatima").update(deceased_on=NOW.date())
    import_start(import_id=run.pk, now=NOW)
    work()
    assert not Phones.sent


def test_the_cells_of_a_row_that_is_done_are_gone(done: Made) -> None:
    run = done(csv_file([FATIMA, like(SIPHO, born="31/02/1961")]))
    assert dict(run.rows.values_list("number", "state")) == {2: "done", 3: "refused"}
    assert [bool(row.cells) for row in run.rows.order_by("number")] == [False, True]


def test_what_is_uploaded_cant_be_read_in_the_database(done: Made) -> None:
    run = done(csv_file([FATIMA, like(SIPHO, born="31/02/1961")], name="Jacobs family.csv"))
    with connection.cursor() as cursor:
        for table in (Import._meta.db_table, ImportRow._meta.db_table):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - the name is the model's
            whole = str(cursor.fetchall())
            for trace in ("Fatima", "Jacobs", "Khumalo", "5550163", "WYN-00418"):
                assert trace not in whole
    assert run.file_name == "Jacobs family.csv"


# Refused, asked, changed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"first_name": ""}, "first_name"),
        ({"first_name": "12345"}, "first_name"),
        ({"born": "31/02/1961"}, "date_of_birth"),
        ({"born": "1/1/2027"}, "date_of_birth"),
        ({"born": "5/6/61"}, "date_of_birth"),
        # An age, 34, in a column of days.
        ({"born": "03/02/1900"}, "date_of_birth"),
        ({"id": "1234"}, "id_number"),
        ({"phone": "123"}, "phone"),
        ({"phone": "2.77255E+10"}, "phone"),
        ({"phone": "+44 7911 123456"}, "phone"),
        ({"phone": "021 555 0163", "consent": "yes", "sms": "yes"}, "phone"),
        ({"consent": "perhaps"}, "consent_reminders"),
        ({"language": "Klingon"}, "language"),
        ({"folder": "=1+1"}, "folder_number"),
        ({"folder": "#REF!"}, "folder_number"),
    ],
)
def test_a_row_with_a_fault_is_refused_beside_its_column(tried: Made, changes: Any, column: str) -> None:
    run = tried(csv_file([like(SIPHO, **changes), FATIMA]))
    assert states(run) == {2: "refused", 3: "new"}
    assert columns(run, 2) == {column}
    assert said(run, 2)


def test_it_is_said_in_the_language_of_who_uploaded_it(tried: Made) -> None:
    run = tried(csv_file([like(SIPHO, phone="123")]), language="af")
    assert "selfoon" in said(run, 2).lower() or "foonnommer" in said(run, 2).lower()


def test_what_a_spreadsheet_did_to_numbers_and_days_is_undone_and_said(done: Made) -> None:
    row = like(FATIMA, phone="725550163", born="33751", id="")
    run = done(csv_file([row]))
    fatima = Patient.objects.get(first_name="Fatima")
    assert (str(fatima.phone), fatima.date_of_birth) == ("+27725550163", date(1992, 5, 27))
    assert "“725550163” was read as 0725550163" in said(run, 2)
    assert "27/05/1992" in said(run, 2)


@pytest.mark.parametrize(("written", "read"), [("E", "en"), ("afr", "af"), ("Engels", "en"), ("AF", "af")])
def test_a_language_may_be_shortened(tried: Made, written: str, read: str) -> None:
    run = tried(csv_file([like(FATIMA, language=written)]))
    assert states(run) == {2: "new"}
    assert read_choice(written, row_cells.spoken(("en", "af"))) == read


def test_what_two_languages_begin_with_is_none() -> None:
    with pytest.raises(CellError, match="unknown"):
        read_choice("isi", row_cells.spoken(("zu", "xh")))


def test_zeros_in_front_of_an_identity_number_come_back(done: Made) -> None:
    # 0403035800088 without its zero: born on 3 March 2004
    number = identity("040303580008")
    run = done(csv_file([like(SIPHO, id=number.lstrip("0"), born="")]))
    sipho = Patient.objects.get(first_name="Sipho")
    assert (sipho.id_number, sipho.date_of_birth) == (number, date(2004, 3, 3))
    assert f"was read as {number}" in said(run, 2)


def identity(twelve: str) -> str:
    """With its check digit."""
    total = sum(int(d) if at % 2 == 0 else sum(divmod(int(d) * 2, 10)) for at, d in enumerate(twelve))
    return f"{twelve}{-total % 10}"


def test_a_number_twice_in_the_file_is_refused_the_second_time(tried: Made) -> None:
    run = tried(csv_file([FATIMA, like(SIPHO, folder="wyn 00417")]))
    assert states(run) == {2: "new", 3: "refused"}
    assert said(run, 3) == "Row 2 of the file has the same."


def test_the_same_person_twice_in_the_file_is_asked_about(tried: Made) -> None:
    run = tried(csv_file([SIPHO, like(SIPHO, folder="WYN-9", first_name="Khumalo", last_name="Sipho")]))
    assert states(run) == {2: "new", 3: "asked"}
    assert "Row 2 of the file has the same name" in said(run, 3)


def test_a_number_that_several_rows_have_is_kept_and_written_to_for_none(done: Made) -> None:
    child = like(SIPHO, phone="0725550163", born="3/3/2020", consent="yes", sms="yes")
    run = done(csv_file([FATIMA, child]))
    assert states(run) == {2: "done", 3: "done"}
    assert {str(each.phone) for each in Patient.objects.filter(folder_number__isnull=False)} == {
        "+27725550163"
    }
    assert not Invitation.objects.exists()
    assert not run.rows.filter(sends=True).exists()


def test_a_number_that_somebody_here_has_is_written_to_only_by_staff(done: Made, cast: Cast) -> None:
    PatientFactory(clinic=cast.clinic, first_name="Nomsa", phone="+27725550163")
    run = done(csv_file([FATIMA]))
    assert "Somebody here has this phone number too" in said(run, 2)
    assert not Invitation.objects.exists()


def test_who_looks_like_somebody_waits_until_staff_say_who_it_is(tried: Made, cast: Cast) -> None:
    other = PatientFactory(
        clinic=cast.clinic, first_name="Fatema", last_name="Jacobs", date_of_birth=date(1992, 5, 27)
    )
    run = tried(csv_file([FATIMA, SIPHO]))
    assert states(run) == {2: "asked", 3: "new"}
    assert said_of(run.rows.get(number=2)).alike == [other.pk]
    assert rows_are_others(import_id=run.pk, numbers=[2, 3, 99]) == 1
    import_run(import_id=run.pk, now=NOW)
    work()
    assert states(run) == {2: "done", 3: "done"}


def test_who_is_asked_about_and_not_answered_is_left(tried: Made, cast: Cast) -> None:
    PatientFactory(
        clinic=cast.clinic, first_name="Fatima", last_name="Jacobs", date_of_birth=date(1992, 5, 27)
    )
    run = tried(csv_file([FATIMA, SIPHO]))
    import_run(import_id=run.pk, now=NOW)
    work()
    assert states(run) == {2: "asked", 3: "done"}


def test_whoever_was_registered_since_it_was_tried_is_not_registered_twice(tried: Made, cast: Cast) -> None:
    run = tried(csv_file([FATIMA, SIPHO]))
    PatientFactory(
        clinic=cast.clinic, first_name="Fatima", last_name="Jacobs", date_of_birth=date(1992, 5, 27)
    )
    import_run(import_id=run.pk, now=NOW)
    work()
    assert states(run) == {2: "asked", 3: "done"}


def test_what_a_record_lacks_is_added_and_nothing_else_changes(done: Made, cast: Cast) -> None:
    there = PatientFactory(
        clinic=cast.clinic,
        first_name="Fatima",
        last_name="Jacobs",
        date_of_birth=date(1992, 5, 27),
        folder_number="WYN 00417",
        sex="f",
    )
    run = done(csv_file([like(FATIMA, last_name="Jacobs-Smit")]))
    there.refresh_from_db()
    assert states(run) == {2: "done"}
    assert (there.last_name, str(there.phone)) == ("Jacobs", "+27725550163")
    assert "Differs from the record, which stays as it is: First names." in said(run, 2)
    assert "Is added to the record: Cellphone." in said(run, 2)
    assert not Invitation.objects.exists()
    assert list(patients_found(cast.nurse, "0163")) == [there]


def test_who_is_here_with_all_that_the_file_says_is_left_as_they_are(tried: Made, done: Made) -> None:
    done(csv_file([FATIMA, SIPHO]))
    run = tried(csv_file([FATIMA, SIPHO, *people(1)]))
    assert states(run) == {2: "same", 3: "same", 4: "new"}


def test_a_number_of_somebody_else_is_refused(tried: Made, cast: Cast) -> None:
    PatientFactory(clinic=cast.clinic, first_name="Johan", last_name="Smit", folder_number="WYN-00417")
    run = tried(csv_file([FATIMA]))
    assert states(run) == {2: "refused"}
    assert "taken by Johan Smit" in said(run, 2)
    assert "<" not in said(run, 2)


def test_nobody_of_another_clinic_is_seen(tried: Made, cast: Cast) -> None:
    PatientFactory(
        clinic=cast.other_clinic,
        first_name="Fatima",
        last_name="Jacobs",
        date_of_birth=date(1992, 5, 27),
        folder_number="WYN-00417",
        phone="+27725550163",
    )
    run = tried(csv_file([FATIMA]))
    assert states(run) == {2: "new"}
    assert said(run, 2) == ""


def test_the_same_file_is_not_taken_twice(done: Made, upload: Made, cast: Cast) -> None:
    run = done(csv_file([FATIMA]))
    with pytest.raises(ValidationError, match="uploaded it on 24 November 2026"):
        upload(csv_file([FATIMA]), by=cast.manager)
    assert Import.objects.count() == 1
    import_undo(import_id=run.pk, now=NOW)
    work()
    upload(csv_file([FATIMA]), by=cast.manager)


# Whole or not at all --------------------------------------------------------------------------------------------------


def test_a_poisoned_row_takes_no_other_with_it(
    tried: Made, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = tried(csv_file([FATIMA, SIPHO, *people(3)]))
    register = module.patient_register

    def breaks(**given: Any) -> Any:
        made = register(**given)
        if given["patient"].first_name == "Sipho" and given["patient"].last_name == "Khumalo":
            raise RuntimeError("poison")
        return made

    monkeypatch.setattr(module, "patient_register", breaks)
    import_run(import_id=run.pk, now=NOW)
    work()
    assert sorted(states(run).values()) == ["done", "done", "done", "done", "refused"]
    assert not Patient.objects.filter(last_name="Khumalo").exists()
    assert "can’t take this row" in said(run, 3)
    assert "poison" in caplog.text


def test_a_row_that_cant_even_be_tried_takes_no_other_with_it(
    tried: Made, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read = row_cells.read_phone

    def breaks(text: str) -> Any:
        if "0163" in text:
            raise RuntimeError("poison")
        return read(text)

    monkeypatch.setattr(row_cells, "read_phone", breaks)
    run = tried(csv_file([SIPHO, FATIMA, *people(2)]))
    assert states(run) == {2: "new", 3: "refused", 4: "new", 5: "new"}


def test_a_row_that_kills_its_worker_is_refused_and_the_rest_goes_on(tried: Made) -> None:
    run = tried(csv_file([FATIMA, SIPHO, *people(2)]))
    import_run(import_id=run.pk, now=NOW)
    Import.objects.filter(pk=run.pk).update(crashes=1)
    ImportRow.objects.filter(of=run, number=2).update(tries=1)
    work()
    assert states(run) == {2: "refused", 3: "done", 4: "done", 5: "done"}


def test_two_of_one_row_are_made_never(tried: Made) -> None:
    """Whoever lost the lease while it worked writes nothing."""
    run = tried(csv_file([FATIMA]))
    import_run(import_id=run.pk, now=NOW)
    carry_on_next(now=NOW)
    assert not carry_on_next(now=NOW - timedelta(days=1))
    work()
    assert Patient.objects.filter(first_name="Fatima").count() == 1


def test_stopping_is_over_once_it_is_answered_and_going_on_does_the_rest(
    tried: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(AT_ONCE, "running", 2)
    run = tried(csv_file(people(5)))
    import_run(import_id=run.pk, now=NOW)
    carry_on_next(now=NOW)
    assert import_stop(import_id=run.pk, now=NOW)
    work()
    run.refresh_from_db()
    assert (run.state, Patient.objects.filter(folder_number__isnull=False).count()) == ("stopped", 2)
    assert import_run(import_id=run.pk, now=NOW)
    work()
    assert list(states(run).values()) == ["done"] * 5


def test_whoever_may_no_more_imports_no_more(tried: Made, cast: Cast) -> None:
    run = tried(csv_file([FATIMA]))
    import_run(import_id=run.pk, now=NOW)
    cast.nurse.staff_roles.all().delete()
    work()
    run.refresh_from_db()
    assert run.state == "failed"
    assert not Patient.objects.filter(first_name="Fatima").exists()


def test_a_title_above_the_headings_is_no_row(done: Made) -> None:
    file = csv_file([(), HEADINGS, FATIMA], headings=("Patients of Wynberg", "", "2026"))
    run = done(file)
    assert states(run) == {4: "done"}
    assert Patient.objects.filter(folder_number="WYN-00417").exists()


def test_what_knows_no_column_is_left_to_who_matches_them(upload: Made) -> None:
    run = upload(csv_file([("a", "b"), ("c", "Surname")], headings=("One", "Two")))
    assert (json.loads(run.headings), run.matched) == (["One", "Two"], {})
    assert list(states(run)) == [2, 3]


def test_a_title_alone_is_no_file_of_patients(upload: Made) -> None:
    with pytest.raises(ValidationError) as error:
        upload(csv_file([HEADINGS], headings=("Patients",)))
    assert error.value.code == "no_rows"
    assert not Import.objects.exists()


def test_a_column_without_heading_is_a_column(upload: Made) -> None:
    run = upload(csv_file([(*SIPHO, "072 555 0164"), SIPHO]))
    assert json.loads(run.headings) == [*HEADINGS, ""]


# Failed ---------------------------------------------------------------------------------------------------------------


def test_what_failed_while_it_was_tried_is_tried_again_or_forgotten(tried: Made, cast: Cast) -> None:
    """Nobody has seen what would become of its rows, so it isn't carried out."""
    run = tried(csv_file([FATIMA, SIPHO]))
    Import.objects.filter(pk=run.pk).update(state="failed")
    assert not import_run(import_id=run.pk, now=NOW)
    assert import_check(import_id=run.pk, matched=run.matched, now=NOW)
    work()
    run.refresh_from_db()
    assert run.state == "checked"
    Import.objects.filter(pk=run.pk).update(state="failed")
    assert import_discard(import_id=run.pk)


def test_what_failed_while_it_was_carried_out_is_not_tried_anew(done: Made) -> None:
    run = done(csv_file([FATIMA]))
    Import.objects.filter(pk=run.pk).update(state="failed")
    assert not import_check(import_id=run.pk, matched=run.matched, now=NOW)
    assert not import_discard(import_id=run.pk)
    assert import_run(import_id=run.pk, now=NOW)


@pytest.mark.parametrize("state", ["failed", "stopped"])
def test_what_failed_or_was_stopped_while_people_were_written_to_goes_on(
    done: Made, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    run = done(csv_file(people(3)))
    monkeypatch.setitem(AT_ONCE, "starting", 1)
    assert import_start(import_id=run.pk, now=NOW)
    carry_on_next(now=NOW)
    if state == "stopped":
        assert import_stop(import_id=run.pk, now=NOW)
    else:
        Import.objects.filter(pk=run.pk).update(state="failed", finished_at=NOW)
    work()
    run.refresh_from_db()
    assert (run.state, len(Phones.sent)) == (state, 1)
    assert not import_undo(import_id=run.pk, now=NOW)
    assert not import_run(import_id=run.pk, now=NOW)
    assert import_start(import_id=run.pk, now=NOW)
    work()
    run.refresh_from_db()
    assert (run.state, len(Phones.sent)) == ("done", 3)
    assert not import_start(import_id=run.pk, now=NOW)


@pytest.mark.parametrize("is_erased", [False, True])
def test_what_somebody_brought_in_who_left_is_undone_by_others(
    done: Made, cast: Cast, is_erased: bool
) -> None:
    run = done(csv_file([FATIMA]))
    cast.nurse.staff_roles.all().delete()
    if is_erased:
        Import.objects.filter(pk=run.pk).update(by=None)
    import_undo(import_id=run.pk, now=NOW)
    work()
    run.refresh_from_db()
    assert run.state == "undone"
    assert not Patient.objects.filter(first_name="Fatima").exists()


def test_those_whom_somebody_brought_in_who_left_are_written_to(done: Made, cast: Cast) -> None:
    run = done(csv_file([FATIMA]))
    cast.nurse.staff_roles.all().delete()
    import_start(import_id=run.pk, now=NOW)
    work()
    assert len(Phones.sent) == 1


# Undone ---------------------------------------------------------------------------------------------------------------


def test_an_undo_leaves_no_trace(done: Made, cast: Cast) -> None:
    patients, keys = Patient.objects.count(), SearchKey.objects.count()
    run = done(csv_file([FATIMA, SIPHO]))
    assert import_undo(import_id=run.pk, now=NOW + timedelta(hours=23))
    work(NOW + timedelta(hours=23))
    run.refresh_from_db()
    assert run.state == "undone"
    assert states(run) == {2: "undone", 3: "undone"}
    assert (Patient.objects.count(), SearchKey.objects.count()) == (patients, keys)
    assert not Invitation.objects.exists()
    assert not ModelLogEntry.objects.filter(label__contains="Fatima").exists()
    assert not Phones.sent


def test_those_with_whom_somebody_worked_stay_and_are_named(done: Made, cast: Cast) -> None:
    run = done(csv_file([FATIMA, SIPHO, *people(1)]))
    PatientNote.objects.create(
        patient=Patient.objects.get(first_name="Fatima"), text="Came in.", author=cast.nurse, at=NOW
    )
    edited = Patient.objects.get(last_name="Khumalo")
    Consent.objects.create(
        patient=edited, purpose="carers", version=1, how="spoken", language="en", given_at=NOW
    )
    import_undo(import_id=run.pk, now=NOW)
    work()
    assert states(run) == {2: "kept", 3: "kept", 4: "undone"}
    assert "worked with this patient since" in said(run, 2)
    assert Patient.objects.filter(first_name="Fatima").count() == 1
    assert Patient.objects.filter(last_name="Khumalo").count() == 1


def test_what_was_added_is_taken_back_unless_it_was_changed(done: Made, cast: Cast) -> None:
    one, other = (
        PatientFactory(
            clinic=cast.clinic, first_name=row[0], last_name=row[1], folder_number=row[3], date_of_birth=None
        )
        for row in (FATIMA, SIPHO)
    )
    run = done(csv_file([FATIMA, SIPHO]))
    Patient.objects.filter(pk=other.pk).update(date_of_birth=date(1961, 3, 4))
    import_undo(import_id=run.pk, now=NOW)
    work()
    one.refresh_from_db()
    assert (one.phone, one.date_of_birth) == (None, None)
    assert states(run) == {2: "undone", 3: "kept"}


@pytest.mark.parametrize("after", [timedelta(days=1), timedelta(days=3)])
def test_after_a_day_nothing_is_undone(done: Made, after: timedelta) -> None:
    run = done(csv_file([FATIMA]))
    assert not import_undo(import_id=run.pk, now=NOW + after)


def test_nothing_is_undone_once_somebody_was_written_to(done: Made) -> None:
    run = done(csv_file([FATIMA]))
    import_start(import_id=run.pk, now=NOW)
    work()
    assert not import_undo(import_id=run.pk, now=NOW)


# In sets --------------------------------------------------------------------------------------------------------------


def test_trying_more_rows_takes_no_more_queries(upload: Made) -> None:
    def asked(rows: list[tuple[str, ...]]) -> int:
        run = upload(csv_file(rows))
        import_check(import_id=run.pk, matched=run.matched, now=NOW)
        with CaptureQueriesContext(connection) as queries:
            work()
        return len(queries)

    assert asked(people(100)) == asked(people(10, start=500))

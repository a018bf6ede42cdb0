"""Staff's list of whom to call, logging a call by tap, and the list on paper."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from home.dashboard.figures import shown_figures
from home.models import AccessRecord, FollowUp, Patient, User, WorklistRefresh
from home.record import next_visits
from home.record.next_visits import Calendar, register_calendar
from home.worklist.of_staff import MOST_CLINICS
from home.worklist.reasons import Finding
from home.worklist.refresh import worklist_refresh
from tests.factories import ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.worklist.conftest import NOW, Finder

pytestmark = pytest.mark.django_db
SINCE = date(2026, 11, 17)
PAGE = "/admin/worklist/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _the_moment() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse(client: Client, cast: Cast) -> User:
    client.force_login(cast.nurse)
    return cast.nurse


@pytest.fixture
def pieter(cast: Cast, finder: Finder) -> Patient:
    Patient.objects.filter(pk=cast.pieter.pk).update(phone="+27725550163", folder_number="WYN-00417")
    finder.found["visit_missed"] = [
        Finding(cast.pieter.pk, SINCE, {"days": 7}),
        Finding(cast.zanele.pk, SINCE, {"days": 7}),
    ]
    worklist_refresh([cast.clinic.pk, cast.other_clinic.pk], now=NOW)
    return cast.pieter


def text_of(client: Client, path: str = PAGE) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def post(client: Client, patient: Patient, headers: dict[str, str] | None = None, **form: Any) -> Any:
    return client.post(f"{PAGE}{patient.pk}/result/", form, headers=headers or {})


class TestList:
    def test_a_nurse_sees_her_clinics_patients(self, client: Client, nurse: User, pieter: Patient) -> None:
        html = client.get(PAGE).content.decode()

        assert "Pieter Botha" in html and "Zanele" not in html
        assert "Visit missed 7" in html and "since 17 Nov" in html
        assert 'href="tel:+27725550163"' in html and "WYN-00417" in html
        assert f'href="/admin/patients/{pieter.pk}/"' in html

    def test_it_says_when_nobody_needs_a_call(
        self, client: Client, nurse: User, cast: Cast, finder: Finder
    ) -> None:
        assert "Nobody" not in (said := text_of(client))
        assert "The list is being put together." in said
        worklist_refresh([cast.clinic.pk], now=NOW)
        assert "Nobody needs a call now." in text_of(client)

    def test_it_says_how_old_it_is_where_nobody_brings_it_up_to_date(
        self, client: Client, nurse: User, cast: Cast, finder: Finder
    ) -> None:
        for hours, old in ((0, False), (1, True)):
            WorklistRefresh.objects.update_or_create(
                clinic=cast.clinic, defaults={"at": NOW - timedelta(hours=hours)}
            )
            assert ("Last brought up to date" in text_of(client)) == old

    def test_it_is_filtered_by_reason_with_counts(
        self, client: Client, nurse: User, pieter: Patient, finder: Finder, cast: Cast
    ) -> None:
        finder.reason("ran_out", 90)
        other = PatientFactory(clinic=cast.clinic, first_name="Sipho", last_name="Nkosi")
        finder.found["ran_out"] = [Finding(other.pk, SINCE)]
        worklist_refresh([cast.clinic.pk], now=NOW)

        assert "All 2 Ran out 1 Visit missed 1" in text_of(client)
        said = text_of(client, f"{PAGE}?reason=ran_out")
        assert "Sipho Nkosi" in said and "Pieter" not in said
        assert client.get(f"{PAGE}?reason=%00&p=x").status_code == 200

    def test_names_cannot_break_out(self, client: Client, nurse: User, pieter: Patient) -> None:
        Patient.objects.filter(pk=pieter.pk).update(last_name='"><script>alert(1)</script>')

        assert "<script>alert(1)" not in client.get(PAGE).content.decode()

    def test_it_is_in_the_access_log(self, client: Client, nurse: User, pieter: Patient) -> None:
        client.get(PAGE)
        client.get(f"{PAGE}print/")

        rows = AccessRecord.objects.filter(patient=pieter, user=nurse, page="worklist")
        assert sorted(rows.values_list("kind", flat=True)) == ["listed", "printed"]

    def test_it_is_closed_to_whoever_may_not_see_it(
        self, client: Client, cast: Cast, pieter: Patient
    ) -> None:
        clerk = UserFactory()
        StaffRoleFactory(clinic=cast.clinic, user=clerk)
        clerk.groups.clear()
        clerk.user_permissions.add(Permission.objects.get(codename="access_admin"))
        client.force_login(clerk)

        for path in (PAGE, f"{PAGE}print/", f"{PAGE}{pieter.pk}/result/"):
            assert "Pieter" not in client.get(path, follow=True).content.decode()
        assert "Who needs a call" not in client.get("/admin/").content.decode()

    def test_it_asks_as_much_for_300_as_for_few(
        self, client: Client, nurse: User, pieter: Patient, finder: Finder, cast: Cast
    ) -> None:
        def queries(path: str) -> int:
            with CaptureQueriesContext(connection) as asked:
                client.get(path)
            # SQLite writes the access log in pieces.
            return sum(each["sql"].startswith("SELECT") for each in asked.captured_queries)

        def more(number: int) -> None:
            for patient in PatientFactory.create_batch(number, clinic=cast.clinic):
                finder.found["visit_missed"].append(Finding(patient.pk, SINCE))
                FollowUp.objects.create(
                    patient=patient,
                    clinic=cast.clinic,
                    by=nurse,
                    at=NOW - timedelta(days=1),
                    result="no_answer",
                    back_on=NOW.date(),
                )
            worklist_refresh([cast.clinic.pk], now=NOW)

        more(3)
        paths = (PAGE, f"{PAGE}print/", "/admin/")
        few = [queries(path) for path in paths for _ in range(2)][1::2]
        more(300)
        assert [queries(path) for path in paths for _ in range(2)][1::2] == few
        assert "Page 1 of 7" in text_of(client)
        assert "4 more are on the list" in text_of(client, f"{PAGE}print/")


class TestPaper:
    def test_it_has_room_to_write(self, client: Client, nurse: User, pieter: Patient) -> None:
        said = text_of(client, f"{PAGE}print/?reason=visit_missed")

        assert "Who needs a call: Visit missed" in said
        assert "Hillbrow · 24 November 2026 10:00" in said
        assert "Pieter Botha" in said and "Zanele" not in said
        assert "How did the call go?" in said


class TestResult:
    def test_one_tap_takes_a_patient_off_the_list(self, client: Client, nurse: User, pieter: Patient) -> None:
        response = post(client, pieter, result="no_answer")

        assert response.status_code == 302
        said = text_of(client, response["Location"])
        assert "Pieter Botha : no answer. Off the list until Wednesday 25 November." in said
        assert "Nobody needs a call now." in said
        row = FollowUp.objects.get()
        assert (row.by, row.result, row.clinic) == (nurse, "no_answer", pieter.clinic)
        assert str(row.number) == "+27725550163"
        assert AccessRecord.objects.filter(patient=pieter, user=nurse, kind="changed").exists()

    def test_a_script_gets_the_row(self, client: Client, nurse: User, pieter: Patient) -> None:
        choices = client.get(f"{PAGE}{pieter.pk}/result/", headers=HTMX).content.decode()
        assert choices.strip().startswith("<tr") and 'value="wrong_number"' in choices

        html = post(client, pieter, HTMX, result="will_come", until="26/11/2026", last=0).content.decode()
        assert html.strip().startswith("<tr")
        assert "will come on Thursday 26 November" in html and "Undo" in html

        undone = client.post(
            f"{PAGE}{pieter.pk}/undo/", {"call": FollowUp.objects.get().pk}, headers=HTMX
        ).content.decode()
        assert undone.strip().startswith("<tr") and "Log a call" in undone
        assert not FollowUp.objects.exists()

    def test_it_is_taken_back_without_a_script(self, client: Client, nurse: User, pieter: Patient) -> None:
        post(client, pieter, result="died")
        response = client.post(f"{PAGE}{pieter.pk}/undo/", {"call": FollowUp.objects.get().pk}, follow=True)

        assert "Taken back: Pieter Botha is on the list as before." in response.content.decode()
        assert not FollowUp.objects.exists()
        again = client.post(f"{PAGE}{pieter.pk}/undo/", {"call": "x"}, follow=True)
        assert "can’t be taken back" in again.content.decode()

    def test_who_was_not_on_the_list_is_not_said_to_be(self, client: Client, nurse: User, cast: Cast) -> None:
        post(client, cast.pieter, result="no_answer")
        call = FollowUp.objects.get().pk

        page = client.post(f"{PAGE}{cast.pieter.pk}/undo/", {"call": call}, follow=True).content.decode()

        assert "Taken back." in page

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({}, "Please say how the call went."),
            ({"result": "came"}, "Please choose one of these."),
            ({"result": "will_come"}, "On which day will they come?"),
            ({"result": "will_come", "until": "23/11/2026"}, "This day is over."),
            ({"result": "will_come", "until": "24/1/2027"}, "This is more than 60 days ahead."),
            ({"result": "will_come", "until": "31/02/2027"}, "There is no such day."),
            ({"result": "call_later", "until": "24 Nov 2026"}, "give a day from tomorrow on"),
            ({"result": "other", "note": "  "}, "Please say in a few words how it went."),
            ({"result": "no_answer", "note": "x" * 1001}, "This is too long: at most 1000 characters."),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
    def test_bad_input_is_said_and_changes_nothing(
        self,
        client: Client,
        nurse: User,
        pieter: Patient,
        form: dict[str, str],
        said: str,
        headers: dict[str, str],
    ) -> None:
        response = post(client, pieter, headers, **form)

        assert response.status_code == 200
        assert said in response.content.decode()
        assert not FollowUp.objects.exists()

    @pytest.mark.parametrize(
        ("form", "back_on"),
        [
            ({"result": "will_come", "until": "24/11/2026"}, date(2026, 11, 25)),
            ({"result": "will_come", "until": "23 January 2027"}, date(2027, 1, 24)),
            ({"result": "call_later", "until": "1 Des 2026"}, date(2026, 12, 1)),
            ({"result": "call_later"}, date(2026, 11, 25)),
            ({"result": "no_answer", "until": "not a day"}, date(2026, 11, 25)),
            ({"result": "other", "note": "spoke to the son"}, date(2026, 12, 1)),
        ],
    )
    def test_until_when(
        self, client: Client, nurse: User, pieter: Patient, form: dict[str, str], back_on: date
    ) -> None:
        assert post(client, pieter, **form).status_code == 302
        assert FollowUp.objects.get().back_on == back_on

    @pytest.mark.parametrize("result", ["moved", "died"])
    def test_who_moved_or_died_leads_to_what_follows(
        self, client: Client, nurse: User, pieter: Patient, result: str
    ) -> None:
        act = f"/admin/patients/{pieter.pk}/{result}/"

        assert post(client, pieter, result=result)["Location"] == act
        assert FollowUp.objects.get().result == result
        assert "Nobody needs a call now." in text_of(client)
        with time_machine.travel(NOW + timedelta(days=8), tick=False):
            client.force_login(nurse)
            assert act in client.get(PAGE).content.decode()

    def test_a_script_is_led_there_too(self, client: Client, nurse: User, pieter: Patient) -> None:
        response = post(client, pieter, HTMX, result="died")

        assert response.headers["HX-Redirect"] == f"/admin/patients/{pieter.pk}/died/"
        assert AccessRecord.objects.filter(patient=pieter, user=nurse, kind="changed").exists()

    def test_two_nurses_at_once(self, client: Client, cast: Cast, nurse: User, pieter: Patient) -> None:
        post(client, pieter, result="no_answer", last=0)
        other = Client()
        other.force_login(cast.manager)

        html = post(other, pieter, HTMX, result="will_come", until="26/11/2026", last=0).content.decode()

        assert "Sister Nkosi logged “no answer” today at 10:00." in html
        assert FollowUp.objects.count() == 1
        seen = FollowUp.objects.get().pk
        assert f'name="last" value="{seen}"' in html
        assert post(other, pieter, result="will_come", until="26/11/2026", last=seen).status_code == 302

    def test_another_clinics_patient_is_not_found(
        self, client: Client, nurse: User, cast: Cast, pieter: Patient
    ) -> None:
        for path in ("result", "undo"):
            assert client.post(f"{PAGE}{cast.zanele.pk}/{path}/", {"result": "died"}).status_code == 404
        assert client.get(f"{PAGE}{cast.zanele.pk}/result/").status_code == 404
        assert not FollowUp.objects.exists()

    def test_who_died_meanwhile_is_said_to_have(self, client: Client, nurse: User, pieter: Patient) -> None:
        Patient.objects.filter(pk=pieter.pk).update(deceased_on=date(2026, 11, 23))

        html = post(client, pieter, HTMX, result="no_answer").content.decode()

        assert "isn’t treated here any more" in html
        assert not FollowUp.objects.exists()

    def test_a_visit_is_planned_where_an_app_plans_visits(
        self, client: Client, nurse: User, pieter: Patient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(next_visits, "_calendar", None)
        planned: list[Any] = []
        taken_back: list[int] = []

        def plan(patient: Patient, day: date, by: User, now: Any) -> int:
            planned.append((patient, day, by))
            return 17

        register_calendar(
            Calendar(
                next_of=lambda ids, today: {},
                before=lambda patient, today, last: [],
                plan=plan,
                unplan=lambda visit_id, by, now: taken_back.append(visit_id),
            )
        )

        html = post(client, pieter, HTMX, result="will_come", until="26/11/2026").content.decode()
        assert planned == [(pieter, date(2026, 11, 26), nurse)]
        assert "The visit is planned." in html

        client.post(f"{PAGE}{pieter.pk}/undo/", {"call": FollowUp.objects.get().pk})
        assert taken_back == [17]


class TestElsewhere:
    def test_the_first_page_shows_the_first_of_them(
        self, client: Client, nurse: User, pieter: Patient
    ) -> None:
        assert "Visit missed 7" in text_of(client, "/admin/")

    def test_the_figure_counts_whom_to_call(self, nurse: User, cast: Cast, pieter: Patient) -> None:
        [shown] = [each for each in shown_figures([cast.clinic], nurse, NOW) if each.url == PAGE]

        assert (shown.number, shown.words) == ("1", "to call · 1 new today")

    def test_the_list_is_read_once_for_its_figure_and_its_first_lines(
        self, client: Client, nurse: User, pieter: Patient
    ) -> None:
        with CaptureQueriesContext(connection) as asked:
            said = text_of(client, "/admin/")

        assert "Visit missed 7" in said and "to call" in said
        assert sum("known_before" in each["sql"] for each in asked.captured_queries) == 1

    def test_who_looks_after_many_clinics_is_shown_the_way_to_the_list(
        self, client: Client, cast: Cast, pieter: Patient
    ) -> None:
        client.force_login(cast.head_office)
        assert "Visit missed 7" in text_of(client, "/admin/")
        for _number in range(MOST_CLINICS):
            ClinicFactory()

        with CaptureQueriesContext(connection) as asked:
            said = text_of(client, "/admin/")

        assert "Who needs a call Show all" in said
        assert "Visit missed 7" not in said and "to call" not in said
        assert not any("known_before" in each["sql"] for each in asked.captured_queries)

    def test_a_call_is_logged_from_the_patients_page(
        self, client: Client, nurse: User, pieter: Patient
    ) -> None:
        address = f"{PAGE}{pieter.pk}/result/"
        assert address in client.get(f"/admin/patients/{pieter.pk}/").content.decode()

        Patient.objects.filter(pk=pieter.pk).update(deceased_on=date(2026, 11, 23))
        assert address not in client.get(f"/admin/patients/{pieter.pk}/").content.decode()

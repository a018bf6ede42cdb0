"""Every form of staff, sent empty and with nonsense, speaks to a nurse, in her language, and saves nothing.

The forms are found by their addresses, so that a new one is walked too.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.forms import DateField, DateTimeField
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation
from wagtail.users.models import UserProfile

from home.models import User
from notifications.models import PeriodicTask
from notifications.web.date_fields import DayField, WallTimeField
from tests.events.factories import NOW, ClinicEventFactory, EventSeriesFactory
from tests.factories import ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.medications.factories import DoseScheduleFactory, StockBatchFactory, VaccinationRecordFactory

pytestmark = pytest.mark.django_db

NONSENSE = "?!"
NOT_OURS = re.compile(
    r"^/admin/(pages|collections|workflows|images|documents|groups|sites|snippets/choose|users|periodic_tasks/new"
    r"|snippets/notifications/notificationtemplate)/"
)
"""Wagtail's own, which head office alone uses; pages without a form, or with one only for a row (`WITH_ROWS`)."""
NEW = re.compile(r"^/admin/[a-z_/]+/(new|add)/$")

WRONG = re.compile(
    r"submit|\bforms?\b|\bvorm|is missing|ontbreek|JSON|\bkeys?\b|slug|YYYY|HH:MM|[a-z]_[a-z]|^\w+: |"
    r"None|ValidationError|__all__",
    re.IGNORECASE,
)
"""Words of programs: what no nurse should read."""


def addresses(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for each in resolver.url_patterns:
        path = prefix + re.sub(r"\\Z|[$^]", "", str(each.pattern))
        if isinstance(each, URLPattern):
            yield path
        else:
            yield from addresses(each, path)


FORMS = sorted({path for path in addresses(get_resolver()) if NEW.match(path) and not NOT_OURS.match(path)})


def _task() -> PeriodicTask:
    call_command("setup_notification_tasks")
    return PeriodicTask.objects.get(name="Low stock")


WITH_ROWS: dict[str, Callable[[], str]] = {
    "patient": lambda: f"/admin/patients/edit/{PatientFactory().pk}/",
    "prescription": lambda: f"/admin/prescriptions/edit/{DoseScheduleFactory().prescription_id}/",
    "vaccination": lambda: f"/admin/vaccinations/edit/{VaccinationRecordFactory().pk}/",
    "stock": lambda: (
        f"/admin/clinic_stock/edit/{StockBatchFactory(prescription=None, clinic=ClinicFactory()).pk}/"
    ),
    "event": lambda: f"/admin/clinic_events/edit/{ClinicEventFactory().pk}/",
    "series": lambda: f"/admin/event_series/edit/{EventSeriesFactory().pk}/",
    "series end": lambda: f"/admin/event_series/end/{EventSeriesFactory().pk}/",
    "role": lambda: f"/admin/staff/edit/{StaffRoleFactory().pk}/",
    "clinic": lambda: f"/admin/clinics/edit/{ClinicFactory().pk}/",
    "periodic task": lambda: f"/admin/periodic_tasks/edit/{_task().pk}/",
    "text": lambda: "/admin/snippets/notifications/notificationtemplate/add/?event_type=medication.dose_due",
}
"""The addresses of forms that need a row, by what they are; each makes its row."""


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def boss() -> User:
    """Head office, who sees every form; at two clinics, so that a choice is needed."""
    boss: User = UserFactory(is_superuser=True)
    ClinicFactory()
    ClinicFactory()
    return boss


def client_in(language: str, user: User) -> Client:
    profile = UserProfile.get_for_user(user)
    profile.preferred_language = language
    profile.save()
    client = Client()
    client.force_login(user)
    return client


def filled(form: Any, value: str) -> dict[str, Any]:
    """Every field with this value; of each set of forms one when there is a value, else none."""
    data: dict[str, Any] = {}
    for formset in getattr(form, "formsets", {}).values():
        number = 1 if value else 0
        data |= {f"{formset.prefix}-TOTAL_FORMS": number, f"{formset.prefix}-INITIAL_FORMS": 0}
        data |= {f"{formset.prefix}-MIN_NUM_FORMS": 0, f"{formset.prefix}-MAX_NUM_FORMS": 1000}
        if value:
            data |= {f"{formset.prefix}-0-{name}": value for name in _names(formset.empty_form)}
    return data | (dict.fromkeys(_names(form), value) if value else {})


def _names(form: Any) -> Iterator[str]:
    for name, field in form.fields.items():
        if name in ("id", "DELETE") or field.disabled:
            continue
        parts = getattr(field.widget, "widgets_names", [""])
        yield from (f"{name}{part}" for part in parts)


def said(form: Any) -> Iterator[str]:
    yield from (str(error) for errors in form.errors.values() for error in errors)
    for formset in getattr(form, "formsets", {}).values():
        yield from map(str, formset.non_form_errors())
        for each in formset.forms:
            yield from said(each)


def answers(client: Client, language: str, path: str, data: dict[str, Any]) -> list[str]:
    """What the form says when it is sent with this."""
    sent = client.post(path, data)
    if sent.status_code == 302:
        return []
    assert sent.status_code == 200, path
    with translation.override(language):
        return [*said(sent.context["form"]), *(str(each) for each in get_messages(sent.wsgi_request))]


def each_in_both(user: User, path: str, values: Iterable[str]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """What the form says in each language when every field has this value."""
    shown = client_in("en", user).get(path)
    assert shown.status_code == 200, path
    for value in values:
        data = filled(shown.context["form"], value)
        yield (
            value,
            {language: answers(client_in(language, user), language, path, data) for language in ("en", "af")},
        )


def test_the_forms_are_found() -> None:
    assert {"/admin/patients/new/", "/admin/prescriptions/new/", "/admin/announcements/add/"} <= set(FORMS)
    assert len(FORMS) >= 11


@pytest.mark.parametrize("path", FORMS)
def test_a_new_row_is_refused_in_the_words_of_a_nurse(boss: User, path: str) -> None:
    for value, found in each_in_both(boss, path, ["", NONSENSE, "99999999999999999999", "\u0660\u0661"]):
        assert found["en"] or value not in ("", NONSENSE), f"nothing is refused of {value!r}"
        speaks_to_a_nurse(found)


@pytest.mark.parametrize("what", WITH_ROWS)
def test_so_is_a_change(boss: User, what: str) -> None:
    for _value, found in each_in_both(boss, WITH_ROWS[what](), ["", NONSENSE]):
        speaks_to_a_nurse(found)


def speaks_to_a_nurse(found: dict[str, list[str]]) -> None:
    for texts in found.values():
        assert [text for text in texts if WRONG.search(text)] == []
    assert [text for text in found["af"] if text in found["en"]] == [], "not in Afrikaans"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"kind": "times", "quantity": "1"}, "Please give at least one time."),
        (
            {"kind": "times", "quantity": "1", "other_times": "25:00"},
            "Write each time like 07:30, with a comma",
        ),
        ({"kind": "times", "quantity": "1", "other_times": "08:00 08:00"}, "The same time is there twice."),
        ({"kind": "times", "other_times": "08:00"}, "Please fill this in."),
        ({"kind": "times", "quantity": "0", "other_times": "08:00"}, "This must be more than 0."),
        (
            {"kind": "every_n_days", "quantity": "1", "slots": ["morning"], "start_date": "1/12/2026"},
            "Please fill this in.",
        ),
        (
            {"kind": "every_n_days", "quantity": "1", "slots": ["morning"], "n": "2"},
            "Please give the first day: the days are counted from it.",
        ),
        ({"kind": "taper", "slots": ["morning"], "steps": "two"}, "Write each step on a line of its own"),
        (
            {"kind": "taper", "slots": ["morning"], "steps": "0 x 5", "start_date": "1/12/2026"},
            "Write each step on a line of its own",
        ),
        ({"kind": "interval", "quantity": "1", "hours": "0"}, "This must be more than 0 hours"),
        (
            {"kind": "interval", "quantity": "1", "hours": "8"},
            "Please give the day and the time of the first",
        ),
        (
            {
                "kind": "times",
                "quantity": "1",
                "slots": ["morning"],
                "start_date": "2/12/2026",
                "end_date": "1/12/2026",
            },
            "The last day must not be before the first.",
        ),
    ],
)
def test_a_schedule_says_what_to_do(boss: User, form: dict[str, Any], sentence: str) -> None:
    data: dict[str, Any] = {"schedules-TOTAL_FORMS": 1, "schedules-INITIAL_FORMS": 0}
    data |= {"batches-TOTAL_FORMS": 0, "batches-INITIAL_FORMS": 0}
    data |= {f"schedules-0-{name}": value for name, value in form.items()}
    found = {}
    for language in ("en", "af"):
        sent = client_in(language, boss).post("/admin/prescriptions/new/", data)
        with translation.override(language):
            found[language] = list(said(sent.context["form"].formsets["schedules"].forms[0]))
    assert found["en"][0].startswith(sentence)
    speaks_to_a_nurse(found)


def test_a_prescription_without_times_is_refused_in_words(boss: User) -> None:
    [(_value, found)] = each_in_both(boss, "/admin/prescriptions/new/", [""])
    assert "Please say when to take it: add at least one time." in found["en"]
    assert "Sê asseblief wanneer dit geneem word: voeg minstens een tyd by." in found["af"]


def test_every_date_of_a_form_is_read_by_the_same_rules(boss: User) -> None:
    """Also the dates of forms that Wagtail makes of a model."""
    client = client_in("en", boss)
    dates = set()
    for path in (*FORMS, *(address() for address in WITH_ROWS.values())):
        form = client.get(path).context.get("form")
        forms = [form, *(each.empty_form for each in getattr(form, "formsets", {}).values())] if form else []
        for each in forms:
            for name, field in each.fields.items():
                if isinstance(field, (DateField, DateTimeField)):
                    assert isinstance(field, (DayField, WallTimeField)), f"{path} {name}"
                    dates.add(name)
    assert {"date_of_birth", "expiry_date", "start_date", "starts_at", "at", "first"} <= dates
    assert {"next_due_date", "date_given", "until", "last_day"} <= dates


def test_the_calendar_writes_nothing_over_what_was_typed(boss: User) -> None:
    """The script comes after Wagtail's calendar, whose default it turns off. Fields begin once the page is loaded."""
    page = client_in("en", boss).get("/admin/vaccinations/new/").content.decode()
    calendar, ours = page.index("jquery.datetimepicker.js"), page.index("js/admin-dates.js")
    assert calendar < ours
    assert 'data-starts="initDateChooser"' in page
    script = finders.find("js/admin-dates.js")
    assert script
    assert "datetimepicker.defaults.validateOnBlur = false" in Path(script).read_text()


def test_a_patient_of_another_clinic_is_neither_chosen_nor_named(boss: User) -> None:
    role = StaffRoleFactory()
    stranger = PatientFactory(first_name="Zanele")
    client = client_in("en", role.user)
    sent = client.post("/admin/vaccinations/new/", {"patient": stranger.pk, "dose_number": "1"})
    assert "patient" in sent.context["form"].errors
    assert "Zanele" not in sent.content.decode()

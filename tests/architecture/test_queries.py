"""Who asks the database, who changes it, and that no page reads what is about patients without a scope.

Read from the syntax tree: a query is a manager, or a method that querysets alone have. What a page does by Wagtail's
own means (a form's `save`, a view's `queryset`) isn't seen; that each address refuses other clinics' rows is what
tests/addresses asks.
"""

from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey

from home.models import Patient
from tests.architecture.imports import APPS
from tests.architecture.queries import Query, queries

ROOT = Path(settings.BASE_DIR)
ASK = {
    "*/models/*": "the rows themselves",
    "*/selectors/*": "reads",
    "*/selectors.py": "reads",
    "*/services/*": "changes",
    "*/services.py": "changes",
    "*/demo/*": "the demo's rows",
    "*/demo.py": "the demo's rows",
    "*/receivers.py": "what follows from a row that was saved",
    "*/personal_data.py": "what is held of a person, and how it is forgotten",
    "*/audiences.py": "groups of people that can be addressed",
    "*/event_types.py": "who is told: the engine asks it of each app",
    "*/recipients.py": "as above",
    "*/recipients/*": "as above",
    "*/visit_recipients.py": "as above",
    "*/quick_replies.py": "what a reply does to the rows that its message is about",
    "*/record_sections.py": "what of a patient an app shows: the record asks it of each app",
    "medications/presentation/record_*.py": "as above, with the words beside",
    "*/worklist_reasons.py": "who needs a call: the worklist asks it of each app",
    "*/dashboard_figures.py": "figures of clinics: the dashboard asks them of each app",
    "*/next_dates.py": "what is next of a person, as above",
    "events/visits/*": "a room of one noun, with its reads and changes",
    "home/backup/*": "likewise",
    "home/clocks/*": "likewise",
    "home/contact_verification/*": "likewise",
    "home/conversations/*": "likewise",
    "home/dashboard/*": "likewise",
    "home/imports/*": "likewise",
    "home/invitation/*": "likewise",
    "home/privacy/*": "likewise",
    "home/reach/*": "likewise",
    "home/record/*": "likewise",
    "home/sign_in/*": "likewise",
    "home/staff/*": "likewise",
    "home/worklist/*": "likewise",
    "home/backends.py": "who signs in",
    "home/budgets.py": "what clinics may spend",
    "home/carers.py": "who is told of a patient",
    "home/clinic_languages.py": "the languages of a clinic",
    "home/groups.py": "Django's groups and their permissions",
    "home/month_reports.py": "managers who are told of a month",
    "home/patient_search.py": "how a patient is found",
    "home/registration.py": "a new patient",
    "home/scope.py": "what the engine is told of clinics",
    "home/search_keys.py": "what sealed columns are found by",
    "home/site_record.py": "Wagtail's row of the site",
    "notifications/announcements/*": "a room of one noun, with its reads and changes",
    "notifications/channels/*": "a channel is whole: addresses, receipts, what stops it",
    "notifications/costs/*": "what is reserved and spent",
    "notifications/encryption/*": "keys that rotate, row by row",
    "notifications/health/*": "measures",
    "site_config/database_limits.py": "what a session is told as it is opened",
    "notifications/live/*": "looks for messages where there is no Redis",
    "notifications/periodic_tasks.py": "devices that are lost",
    "notifications/pipeline/*": "a message's way",
    "notifications/preferences/*": "what people choose",
    "notifications/replies/*": "what people wrote back",
    "notifications/scheduling/*": "messages that wait for their time",
    "notifications/tasks.py": "a consumer's sign of life",
    "notifications/work/*": "leases",
    "*/management/commands/*": "operators' acts",
}
PAGES = ("*/admin/*", "*/views/*", "*/api/*", "*/inbox/*", "*/ical/*")
"""These name the rows that they show, as Wagtail and Django ask them to: with a scope, and without changing them."""
SQL = {
    "*/services/*": "sets of rows, in one statement",
    "home/backup/*": "tables as they are",
    "notifications/pipeline/insert.py": "sets of rows, in one statement",
    "notifications/costs/*": "sums, in one statement",
    "notifications/encryption/rotation.py": "columns as they are",
    "notifications/work/one_row.py": "one statement that claims a row",
    "notifications/health/checks.py": "whether the database answers",
    "notifications/selectors/database_state.py": "what PostgreSQL says of itself",
    "site_config/database_limits.py": "what a session is told as it is opened",
}
MAY_CHANGE = {
    "home/admin/importing/*": "the acts of what can be imported, which home/imports calls and takes back",
    "medications/admin/importing/*": "likewise",
    "notifications/api/tokens.py": "a page's own noun: the tokens of the REST interface",
    "events/admin/collection_plan.py::CollectionPlanView.form_valid": "the row of a form, whether it is there or not",
    "events/admin/programme_log.py::log_each": "Wagtail's log, which logs one row at a time by itself",
    "home/admin/language.py::choose_language": "the row that Wagtail's page of the account saves",
    "medications/admin/prescribe.py::PrescribeView._prescribe": "locks what the page was shown, and calls the service",
    "notifications/admin/routing_plans/views.py::PlanView.keep": "the row of a form, whether it is there or not",
}
SCOPED_BY = {"clinic", "clinic_id", "scope_id"}
IN_HAND = {
    "batch",
    "by",
    "patient",
    "patient_id",
    "prescription",
    "prescription_id",
    "recipient_id",
    "user",
    "user_id",
}
"""Whose the rows are: whoever has the patient, or is the person, was let to them before."""
SCOPING = {"limit", "limit_in_order"}
"""What narrows rows to a scope, as notifications/scope.py has it."""
NEEDS_NO_SCOPE = {
    "home/admin/importing/*": "rows that the import made, or was asked about, by id; the import's page is its clinic's",
    "medications/admin/importing/*": "likewise",
    "events/admin/attendance.py::_LineView.post": "a place at the event that the page has in hand",
    "events/admin/visit_acts.py::VisitPage.setup": "within a view set of clinics, which lets no other row in",
    "home/admin/erasures.py::DecideView.setup": "as above",
    "home/admin/invitations.py::SendView.act": "as above",
    "medications/admin/dose_history.py::DoseHistoryView.dispatch": "as above",
    "medications/admin/stock_holder.py::home_holder": "as above",
    "medications/admin/stock_holder.py::shelf_holder": "as above",
    "medications/admin/patient_page.py::PrescriptionActPage.patient_id": "as above, before it asks for the patient",
    "home/admin/erasures.py::ErasureViewSet.visible_to": "is the scope: all for head office",
    "notifications/admin/reports/costs.py::visible": "is the scope: the clinics that somebody manages",
    "home/admin/patient_edit.py::LoggedEditView.save_instance": "the row of the form, as it was",
    "medications/admin/prescription_edit.py::_changes_plan": "as above",
    "medications/admin/batches.py::ShelfBatchForm.save": "the row that the form has just saved",
    "medications/admin/prescriptions.py::PrescriptionForm.save": "as above",
    "medications/admin/prescribe.py::PrescribeView._prescribe": "locks the patient that the page has in hand",
    "medications/admin/overdue_vaccinations.py::OverdueView.get_base_queryset": "ids of patients_visible_to_staff",
    "home/admin/lookalikes.py::lookalikes": "keys that patients of a scope are then looked for by",
    "notifications/admin/template_access.py::written": "is the scope: whoever writes head office's words",
    "notifications/admin/reports/messages.py::visible_messages": "of the messages beside it, which are limited",
    "notifications/admin/reports/deliveries.py::RetryAllView.post": "ids of a list that was limited",
    "notifications/admin/reports/deliveries.py::RetryView.act": "the one that was found in such a list",
}


@cache
def about_patients() -> frozenset[str]:
    """The models whose rows lead to a patient, or say to which scope they belong."""
    ours = [model for model in apps.get_models() if model._meta.app_label in APPS]
    found = {
        model
        for model in ours
        if model is Patient or any(field.name == "scope_id" for field in model._meta.get_fields())
    }
    while more := {
        model
        for model in ours
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model in found and model not in found
    }:
        found |= more
    return frozenset(model.__name__ for model in found)


@cache
def all_queries() -> tuple[tuple[str, Query], ...]:
    """Each with its file. Migrations ask what they like."""
    paths = (
        path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts
    )
    return tuple(
        (path.relative_to(ROOT).as_posix(), query) for path in paths for query in queries(path.read_text())
    )


def asks_unasked(path: str, query: Query) -> bool:
    return not is_in(path, query, ASK) and not is_page(path)


def changes_unasked(path: str, query: Query) -> bool:
    return is_page(path) and query.changes and bool(query.model) and not is_in(path, query, MAY_CHANGE)


def sql_unasked(path: str, query: Query) -> bool:
    return query.is_sql and not is_in(path, query, SQL)


def reads_unscoped(path: str, query: Query) -> bool:
    return is_page(path) and is_unscoped(query) and not is_in(path, query, NEEDS_NO_SCOPE)


def is_page(path: str) -> bool:
    return any(fnmatch(path, pattern) for pattern in PAGES)


def is_in(path: str, query: Query, table: Mapping[str, str]) -> bool:
    return any(applies(each, path, query) for each in table)


def applies(pattern: str, path: str, query: Query) -> bool:
    """`pattern` names files, or one file and a function in it."""
    file, _, function = pattern.partition("::")
    return fnmatch(path, file) and function in {"", query.function}


def is_unscoped(query: Query) -> bool:
    if query.model not in about_patients() or "none" in query.methods or query.given_to & SCOPING:
        return False
    # As `clinic__in`, `patient__clinic__in` and `prescription__patient`: the last of its path.
    by = {each.removesuffix("__in").rpartition("__")[2] for each in query.conditions}
    return by.isdisjoint(SCOPED_BY | IN_HAND)


LINTS: dict[str, Callable[[str, Query], bool]] = {
    "asks, which its room doesn't": asks_unasked,
    "writes SQL, which its room doesn't": sql_unasked,
    "changes rows, which is for services": changes_unasked,
    "reads what is about patients, without a scope": reads_unscoped,
}


@pytest.mark.parametrize("refusal", LINTS)
def test_nobody(refusal: str) -> None:
    found = [
        f"{path}:{query.line} {query.function}: {query.model or 'a queryset'} {'.'.join(query.methods)}"
        for path, query in all_queries()
        if LINTS[refusal](path, query)
    ]
    assert not found, "\n".join([f"{refusal}:", *found])


def test_no_exception_is_kept_that_nothing_needs() -> None:
    every = all_queries()
    pages = [(path, query) for path, query in every if is_page(path)]
    cases = [
        (ASK, every),
        (SQL, [(path, query) for path, query in every if query.is_sql]),
        (MAY_CHANGE, [(path, query) for path, query in pages if query.changes]),
        (NEEDS_NO_SCOPE, [(path, query) for path, query in pages if is_unscoped(query)]),
    ]
    unneeded = [
        pattern
        for table, found in cases
        for pattern in table
        if not any(applies(pattern, path, query) for path, query in found)
    ]
    assert unneeded == []


def test_what_a_patients_file_says_is_about_patients() -> None:
    assert {
        "Patient",
        "Dose",
        "StockMovement",
        "Visit",
        "Notification",
        "Delivery",
        "Consent",
    } <= about_patients()
    assert {"Clinic", "Medicine", "PeriodicTask", "Programme"}.isdisjoint(about_patients())


PLANTED: list[tuple[str, str, set[str]]] = [
    ("home/ages.py", "def f(): return Patient.objects.count()", {"asks"}),
    ("notifications/texts/wording.py", "rows = related.exclude(pk=1).values_list('pk')", {"asks"}),
    ("medications/rules/stock.py", "with connection.cursor() as cursor: pass", {"asks", "writes SQL"}),
    ("home/templatetags/person.py", "people = User._default_manager.all()", {"asks"}),
    ("events/views/lists.py", "Attendance.objects.filter(user=user).update(state='gone')", {"changes"}),
    ("home/admin/people.py", "Clinic.objects.bulk_create(rows)", {"changes"}),
    (
        "home/admin/people.py",
        "class A:\n def f(self): Clinic.objects.select_for_update().get(pk=1)",
        {"changes"},
    ),
    ("home/admin/people.py", "rows = Patient.objects.all()", {"reads"}),
    ("home/admin/people.py", "def f(pk): return get_object_or_404(Patient, pk=pk)", {"reads"}),
    ("home/admin/people.py", "get_object_or_404(Patient.objects.only('sex'), pk=pk)", {"reads"}),
    ("home/admin/people.py", "get_object_or_404(Patient.objects.only('sex'), pk=pk, clinic__in=mine)", set()),
    ("home/admin/people.py", "get_object_or_404(patients_visible_to_staff(user), pk=pk)", set()),
    (
        "notifications/admin/rows.py",
        "def f():\n rows = Delivery.objects.all()\n return limit(user, rows)",
        set(),
    ),
    (
        "notifications/admin/rows.py",
        "def f():\n rows = Delivery.objects.all()\n return limit(user, other)",
        {"reads"},
    ),
    (
        "medications/views/page.py",
        "Dose.objects.select_related('prescription').filter(id__in=ids)",
        {"reads"},
    ),
    ("notifications/api/rows.py", "def f(): return Delivery.objects.filter(state='failed')[:10]", {"reads"}),
    (
        "notifications/admin/rows.py",
        "def f(): return limit(user, Delivery.objects.all()), Delivery.objects.all()",
        {"reads"},
    ),
    ("home/admin/people.py", "Patient.objects.filter(clinic__in=clinics_of_staff(user), sex='f')", set()),
    ("home/admin/people.py", "Consent.objects.filter(Q(patient__clinic__in=clinics) | Q(user=me))", set()),
    ("home/admin/people.py", "Consent.objects.filter(patient=self.patient).order_by('id')", set()),
    ("home/admin/people.py", "patients_visible_to_staff(user).order_by('id').values_list('pk')", set()),
    ("home/admin/people.py", "Patient.objects.none(), Clinic.objects.filter(name=name)", set()),
    ("home/selectors.py", "Patient.objects.filter(pk__in=ids).update(sex='x')", set()),
    ("home/ages.py", "file.exists(), values.get('a'), names.update(more), path.exclude", set()),
]


@pytest.mark.parametrize(("path", "source", "refused"), PLANTED)
def test_a_planted_example_is_refused(path: str, source: str, refused: set[str]) -> None:
    found = {words for words, lint in LINTS.items() for query in queries(source) if lint(path, query)}
    assert len(found) == len(refused)
    assert all(any(words.startswith(each) for words in found) for each in refused)


def test_each_function_is_named_with_its_class() -> None:
    [query] = queries("class A:\n    def f(self):\n        return B.objects.filter(x=1, **{'y': 2}).first()")
    assert (query.function, query.model, query.methods) == ("A.f", "B", ("filter", "first"))
    assert query.conditions == {"x", ""}

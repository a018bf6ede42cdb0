"""Every address of the templates, for everybody: nurses write texts, patients and strangers see none."""

from itertools import product

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from home.models import User
from notifications.admin.template_form import initial_texts
from notifications.models import NotificationTemplate
from notifications.types import EventType

VIEWSET = NotificationTemplate.snippet_viewset
CHOOSER = VIEWSET.chooser_viewset
# What only a superuser may do, and what isn't there for anybody.
NOT_FOR_NURSES = {"delete"}


def _names(patterns: list[URLPattern]) -> list[str]:
    return [pattern.name for pattern in patterns]


ADDRESSES = [(VIEWSET.url_namespace, name) for name in _names(VIEWSET.get_urlpatterns())]
CHOOSER_ADDRESSES = [(CHOOSER.url_namespace, name) for name in _names(CHOOSER.get_urlpatterns())]


@pytest.fixture
def template(event_type: EventType, db: None) -> NotificationTemplate:
    template = NotificationTemplate.objects.create(event_type=event_type.name, **initial_texts(event_type))
    template.save_revision().publish()
    template.refresh_from_db()
    return template


def address(template: NotificationTemplate, namespace: str, name: str) -> str:
    for kwargs in (
        {},
        {"pk": template.pk},
        {"pk": template.pk, "revision_id": template.latest_revision_id},
        {"pk": template.pk, "revision_id_a": "earliest", "revision_id_b": "latest"},
    ):
        pattern = next(
            each for each in (VIEWSET if namespace == VIEWSET.url_namespace else CHOOSER).get_urlpatterns()
            if each.name == name
        )  # fmt: skip
        if set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex) == set(kwargs):
            return reverse(f"{namespace}:{name}", kwargs=kwargs)
    raise AssertionError(f"No arguments are known for {name}.")


def test_the_walk_covers_the_views_that_matter() -> None:
    names = {name for _namespace, name in ADDRESSES}
    assert {
        "list", "list_results", "add", "edit", "delete", "usage", "history", "history_results", "preview_on_add",
        "preview_on_edit", "revisions_view", "revisions_revert", "revisions_compare", "revisions_unschedule",
        "unpublish", "lock", "unlock",
    } <= names  # fmt: skip
    assert not {"copy", "inspect"} & names


@pytest.mark.parametrize(("method", "where"), list(product(["get", "post"], ADDRESSES + CHOOSER_ADDRESSES)))
def test_strangers_and_patients_reach_nothing(
    template: NotificationTemplate, patient_user: User, method: str, where: tuple[str, str]
) -> None:
    url = address(template, *where)
    patient = Client()
    patient.force_login(patient_user)
    for client in (Client(), patient):
        response = getattr(client, method)(url)
        assert response.status_code in (302, 403)
        if response.status_code == 302:
            assert "/admin/" not in response["Location"].split("?")[0]
    assert NotificationTemplate.objects.filter(pk=template.pk, live=True, locked=False).exists()


@pytest.mark.parametrize("where", ADDRESSES)
def test_nurses_reach_what_they_write_with(
    nurse: Client, template: NotificationTemplate, where: tuple[str, str]
) -> None:
    response = nurse.get(address(template, *where))
    name = where[1]
    if name in NOT_FOR_NURSES:
        assert response.status_code == 302, "back to the first page, with a word why"
    elif name in ("lock", "unlock"):
        assert response.status_code == 405
    elif name == "revisions_unschedule":
        assert response.status_code in (200, 302, 404)
    else:
        assert response.status_code == 200


def test_nurses_lock_unlock_and_unpublish(nurse: Client, template: NotificationTemplate) -> None:
    space = VIEWSET.url_namespace
    nurse.post(address(template, space, "lock"))
    template.refresh_from_db()
    assert template.locked
    nurse.post(address(template, space, "unlock"))
    nurse.post(address(template, space, "unpublish"))
    template.refresh_from_db()
    assert not template.locked
    assert not template.live


def test_nurses_delete_nothing_not_even_in_bulk(nurse: Client, template: NotificationTemplate) -> None:
    nurse.post(address(template, VIEWSET.url_namespace, "delete"))
    bulk = reverse("wagtail_bulk_action", args=["notifications", "notificationtemplate", "delete"])
    nurse.post(f"{bulk}?id={template.pk}")
    assert NotificationTemplate.objects.filter(pk=template.pk).exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nothing_is_exported(head_office: Client, template: NotificationTemplate, kind: str) -> None:
    response = head_office.get(address(template, VIEWSET.url_namespace, "list"), {"export": kind})
    assert b"Low stock" not in b"".join(response)

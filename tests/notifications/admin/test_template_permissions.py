"""Every address of the templates, for everybody: each writes their own, staff look, others see none."""

from itertools import product

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, reverse
from django.utils import timezone
from wagtail.admin.models import EditingSession

from home.models import User
from notifications.admin.template_form import initial_texts
from notifications.models import NotificationTemplate
from notifications.types import EventType
from tests.factories import StaffRoleFactory
from tests.notifications.admin.clinics import People, signed_in

VIEWSET = NotificationTemplate.snippet_viewset
LOOKED_AT = {"list", "see"}
"""What whoever may look at texts may open."""


def _names(patterns: list[URLPattern]) -> list[str]:
    return [pattern.name for pattern in patterns]


ADDRESSES = [(VIEWSET.url_namespace, name) for name in _names(VIEWSET.get_urlpatterns())]
OF_A_ROW = [
    (VIEWSET.url_namespace, pattern.name)
    for pattern in VIEWSET.get_urlpatterns()
    if "pk" in set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex)
]


@pytest.fixture
def template(event_type: EventType, db: None) -> NotificationTemplate:
    template = NotificationTemplate.objects.create(
        event_type=event_type.name, **initial_texts(event_type.texts)
    )
    template.save_revision().publish()
    template.refresh_from_db()
    return template


@pytest.fixture
def own(event_type: EventType, wynberg: People) -> NotificationTemplate:
    return written_for(event_type, wynberg)


@pytest.fixture
def theirs(event_type: EventType, worcester: People) -> NotificationTemplate:
    return written_for(event_type, worcester)


def written_for(event_type: EventType, people: People) -> NotificationTemplate:
    template = NotificationTemplate.objects.create(
        event_type=event_type.name, scope_id=people.clinic.pk, **initial_texts(event_type.texts)
    )
    template.save_revision().publish()
    template.refresh_from_db()
    return template


def address(template: NotificationTemplate, namespace: str, name: str) -> str:
    for kwargs in (
        {},
        {"pk": template.pk},
        {"event_type": template.event_type},
        {"pk": template.pk, "revision_id": template.latest_revision_id},
        {"pk": template.pk, "revision_id_a": "earliest", "revision_id_b": "latest"},
    ):
        pattern = next(each for each in VIEWSET.get_urlpatterns() if each.name == name)
        if set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex) == set(kwargs):
            return reverse(f"{namespace}:{name}", kwargs=kwargs)
    raise AssertionError(f"No arguments are known for {name}.")


def unchanged(template: NotificationTemplate) -> bool:
    return NotificationTemplate.objects.filter(
        pk=template.pk, live=True, locked=False, latest_revision_id=template.latest_revision_id
    ).exists()


def test_the_walk_covers_the_views_that_matter() -> None:
    names = {name for _namespace, name in ADDRESSES}
    assert {
        "list", "see", "add", "edit", "delete", "usage", "history", "history_results", "preview_on_add",
        "preview_on_edit", "revisions_view", "revisions_revert", "revisions_compare", "revisions_unschedule",
        "unpublish", "lock", "unlock",
    } <= names  # fmt: skip
    assert not {"copy", "inspect", "list_results"} & names
    assert {"edit", "revisions_compare", "unlock"} <= {name for _namespace, name in OF_A_ROW}


def test_there_is_no_chooser_that_would_show_the_texts_of_all() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("wagtailsnippetchoosers_notifications_notificationtemplate:choose")


def test_strangers_and_patients_reach_nothing(template: NotificationTemplate, patient_user: User) -> None:
    for client, method, where in product((Client(), signed_in(patient_user)), ("get", "post"), ADDRESSES):
        response = getattr(client, method)(address(template, *where))
        assert response.status_code in (302, 403), where
        if response.status_code == 302:
            assert "/admin/" not in response["Location"].split("?")[0], where
    assert unchanged(template)


def test_a_manager_reaches_what_she_writes_with(own: NotificationTemplate, wynberg: People) -> None:
    manager = signed_in(wynberg.manager)
    # Delete and add lead back: to the first page, with a word why, and to the list.
    other = {"delete": (302,), "add": (302,), "lock": (405,), "unlock": (405,)}
    other["revisions_unschedule"] = (200, 302, 404)
    for where in ADDRESSES:
        assert manager.get(address(own, *where)).status_code in other.get(where[1], (200,)), where


def test_a_manager_changes_neither_head_offices_texts_nor_finds_another_clinics(
    template: NotificationTemplate, own: NotificationTemplate, theirs: NotificationTemplate, wynberg: People
) -> None:
    # A revision of her own doesn't open the door of another's.
    manager = signed_in(wynberg.manager)
    for method, where in product(("get", "post", "delete"), OF_A_ROW):
        shared = getattr(manager, method)(address(template, *where))
        assert (shared.status_code, shared.get("Location")) == (302, "/admin/"), where
        assert getattr(manager, method)(address(theirs, *where)).status_code == 404, where
    assert unchanged(template)
    assert unchanged(theirs)


def test_a_nurse_looks_and_changes_nothing(own: NotificationTemplate, wynberg: People) -> None:
    nurse = signed_in(wynberg.nurse)
    for method, where in product(("get", "post"), ADDRESSES):
        response = getattr(nurse, method)(address(own, *where))
        if where[1] in LOOKED_AT:
            # From the page of one message its writers send themselves a test.
            not_offered = 302 if where[1] == "see" else 405
            assert response.status_code == (200 if method == "get" else not_offered), where
        else:
            assert (response.status_code, response.get("Location")) == (302, "/admin/"), where
    assert unchanged(own)


def test_who_manages_one_clinic_is_a_nurse_at_the_other(
    own: NotificationTemplate, theirs: NotificationTemplate, wynberg: People, worcester: People
) -> None:
    StaffRoleFactory(clinic=worcester.clinic, user=wynberg.manager)
    client = signed_in(wynberg.manager)
    assert client.get(address(own, VIEWSET.url_namespace, "edit")).status_code == 200
    assert client.get(address(theirs, VIEWSET.url_namespace, "edit")).status_code == 302
    seen = client.get(address(theirs, VIEWSET.url_namespace, "list"), {"place": worcester.clinic.pk})
    assert "/edit/" not in seen.content.decode().split("<main")[1]


def test_a_key_that_is_none_is_not_found(head_office: Client, template: NotificationTemplate) -> None:
    url = address(template, VIEWSET.url_namespace, "revisions_compare").replace(f"/{template.pk}/", "/abc/")
    assert head_office.get(url).status_code == 404


def test_a_revision_of_another_row_is_not_found(
    own: NotificationTemplate, theirs: NotificationTemplate, wynberg: People
) -> None:
    client = signed_in(wynberg.manager)
    for name in ("revisions_view", "revisions_revert", "revisions_unschedule"):
        kwargs = {"pk": own.pk, "revision_id": theirs.latest_revision_id}
        assert client.get(reverse(f"{VIEWSET.url_namespace}:{name}", kwargs=kwargs)).status_code == 404


def test_a_manager_adds_no_texts_but_those_of_her_clinic(
    event_type: EventType, wynberg: People, worcester: People
) -> None:
    client, add = signed_in(wynberg.manager), reverse(f"{VIEWSET.url_namespace}:add")
    data = {"event_type": event_type.name, **initial_texts(event_type.texts), "action-publish": "1"}
    for scope_id in ("", worcester.clinic.pk, "9" * 30, "x"):
        asked = client.get(add, {"event_type": event_type.name, "scope_id": scope_id})
        assert asked.status_code == 302, scope_id
        assert client.post(add, data | {"scope_id": scope_id}).context["form"].errors, scope_id
        assert not NotificationTemplate.objects.exists(), scope_id
    assert client.post(add, data | {"scope_id": wynberg.clinic.pk}).status_code == 302
    assert NotificationTemplate.objects.get().scope_id == wynberg.clinic.pk


def test_texts_are_not_given_to_another_clinic_afterwards(
    own: NotificationTemplate, wynberg: People, worcester: People
) -> None:
    data = {"event_type": own.event_type, **initial_texts(own.declared.texts), "action-publish": "1"}
    edit = address(own, VIEWSET.url_namespace, "edit")
    signed_in(wynberg.manager).post(edit, data | {"scope_id": worcester.clinic.pk})
    own.refresh_from_db()
    assert own.scope_id == wynberg.clinic.pk


def test_another_clinics_list_and_words_are_not_found(
    own: NotificationTemplate, theirs: NotificationTemplate, wynberg: People
) -> None:
    client = signed_in(wynberg.manager)
    for name in LOOKED_AT:
        url = address(own, VIEWSET.url_namespace, name)
        assert client.get(url).status_code == 200
        assert client.get(url, {"place": theirs.scope_id}).status_code == 404
        assert client.get(url, {"place": "x"}).status_code == 404


def test_who_is_editing_is_not_said_of_another_clinics_texts(
    theirs: NotificationTemplate, wynberg: People
) -> None:
    content_type = ContentType.objects.get_for_model(NotificationTemplate)
    session = EditingSession.objects.create(
        user=wynberg.manager, content_type=content_type, object_id=theirs.pk, last_seen_at=timezone.now()
    )
    ping = reverse(
        "wagtailadmin_editing_sessions:ping",
        args=["notifications", "notificationtemplate", theirs.pk, session.pk],
    )
    assert signed_in(wynberg.manager).post(ping).status_code == 404


def test_a_manager_locks_unlocks_and_unpublishes(own: NotificationTemplate, wynberg: People) -> None:
    space, manager = VIEWSET.url_namespace, signed_in(wynberg.manager)
    manager.post(address(own, space, "lock"))
    own.refresh_from_db()
    assert own.locked
    manager.post(address(own, space, "unlock"))
    manager.post(address(own, space, "unpublish"))
    own.refresh_from_db()
    assert not own.locked
    assert not own.live


def test_managers_delete_nothing_not_even_in_bulk(
    own: NotificationTemplate, theirs: NotificationTemplate, wynberg: People
) -> None:
    manager = signed_in(wynberg.manager)
    bulk = reverse("wagtail_bulk_action", args=["notifications", "notificationtemplate", "delete"])
    for template in (own, theirs):
        manager.post(address(template, VIEWSET.url_namespace, "delete"))
        answer = manager.post(f"{bulk}?id={template.pk}")
        assert b"Low stock" not in answer.content
    assert NotificationTemplate.objects.count() == 2


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nobody_takes_another_places_words_away_in_a_file(
    own: NotificationTemplate, theirs: NotificationTemplate, wynberg: People, kind: str
) -> None:
    manager = signed_in(wynberg.manager)
    listed = address(own, VIEWSET.url_namespace, "list")
    assert manager.get(listed, {"export": kind}).status_code == 200
    for place in (theirs.scope_id, 0, "x"):
        assert manager.get(listed, {"export": kind, "place": place}).status_code == 404

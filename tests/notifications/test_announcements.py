"""What a clinic tells many people at once, in both languages, now or later."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from home.models import Relation, StaffRole
from notifications import audiences, bus
from notifications.exceptions import NotificationError
from notifications.models import EventRecord, Notification
from notifications.pipeline.fan_out import fan_out
from notifications.selectors import inbox as selectors
from notifications.services import NotificationService
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.notifications.factories import NotificationPreferencesFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Any]:
    """Two clinics; in the first a patient, his carer, a nurse and a manager, in the second a patient and a nurse."""
    here, there = ClinicFactory(name="Here"), ClinicFactory(name="There")
    cared_for = CareRoleFactory(patient__clinic=here)
    return {
        "here": here,
        "there": there,
        "pieter": cared_for.user,
        "anna": CareRoleFactory(patient=cared_for.patient, relation=Relation.CARER).user,
        "nurse": StaffRoleFactory(clinic=here).user,
        "manager": StaffRoleFactory(clinic=here, role=StaffRole.Role.MANAGER).user,
        "thandi": CareRoleFactory(patient__clinic=there).user,
        "other_nurse": StaffRoleFactory(clinic=there).user,
    }


def told() -> set[int]:
    while fan_out(now=timezone.now()).records:
        pass
    rows = Notification.objects.filter(event_type="system.announcement", scheduled_status="sent")
    ids = list(rows.values_list("recipient_id", flat=True))
    assert len(ids) == len(set(ids))
    return set(ids)


@pytest.mark.parametrize(
    ("names", "clinic", "whom"),
    [
        (["patients"], None, ["pieter", "thandi"]),
        (["patients"], "here", ["pieter"]),
        (["carers"], None, ["anna"]),
        (["staff"], None, ["nurse", "manager", "other_nurse"]),
        (["staff"], "there", ["other_nurse"]),
        (["managers"], None, ["manager"]),
        (["staff", "managers"], "here", ["nurse", "manager"]),
    ],
)
def test_it_reaches_its_audience_once_each_and_nobody_else(
    people: dict[str, Any], names: list[str], clinic: str | None, whom: list[str]
) -> None:
    within = {"clinic": people[clinic].pk} if clinic else {}
    both = {"en": "Closed", "af": "Gesluit"}
    NotificationService.announce(title=both, message=both, audiences=names, within=within)
    assert told() == {people[name].pk for name in whom}


def test_each_reads_it_in_their_own_language(people: dict[str, Any]) -> None:
    NotificationPreferencesFactory(user=people["pieter"], language="af")
    NotificationService.announce(
        title={"en": "Closed on Friday", "af": "Vrydag gesluit"},
        message={"en": "Until Monday.", "af": "Tot Maandag."},
        audiences=["patients", "carers"],
    )
    told()
    pieter, anna = (selectors.inbox(people[name].pk).get() for name in ("pieter", "anna"))
    assert (pieter.title, pieter.body) == ("Vrydag gesluit", "Tot Maandag.")
    assert (anna.title, anna.body) == ("Closed on Friday", "Until Monday.")


def test_the_dead_and_the_gone_are_left_in_peace(people: dict[str, Any]) -> None:
    people["thandi"].is_active = False
    people["thandi"].save()
    PatientFactory.create(clinic=people["here"])
    patient = people["pieter"].care_roles.get().patient
    patient.deceased_on = timezone.now().date()
    patient.save()
    NotificationService.send_system_notification(
        title="Closed", content="Until Monday.", target_user_types=["patients"]
    )
    assert told() == set()


def test_one_for_later_waits_and_can_be_called_off(people: dict[str, Any]) -> None:
    both = {"en": "Closed", "af": "Gesluit"}
    at = timezone.now() + timedelta(hours=1)
    first, second = (
        NotificationService.announce(title=both, message=both, audiences=["staff"], at=at) for _ in range(2)
    )
    assert told() == set()
    assert bus.withdraw("system.announcement", second.dedupe_key)
    EventRecord.objects.update(due_at=timezone.now())
    assert told() == {people[name].pk for name in ("nurse", "manager", "other_nurse")}
    assert EventRecord.objects.get(pk=first.pk).recipients == 3


def test_its_priority_is_its_own(people: dict[str, Any]) -> None:
    for priority in ("urgent", "low"):
        NotificationService.send_system_notification(
            title=priority, content="Water is off.", priority=priority, target_user_types=["managers"]
        )
    while fan_out(now=timezone.now()).records:
        pass
    found = dict(Notification.objects.values_list("title", "priority"))
    assert found == {"urgent": 3, "low": 0}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"content": " "}, "message"),
        ({"priority": "loud"}, "priority"),
        ({"target_user_types": []}, "audiences"),
        ({"target_user_types": ["patients", "doctors"]}, "doctors"),
    ],
)
def test_what_is_malformed_is_named_and_nobody_is_told(changes: dict[str, Any], named: str) -> None:
    request: dict[str, Any] = {"title": "Closed", "content": "Until Monday."}
    with pytest.raises(NotificationError, match=named):
        NotificationService.send_system_notification(**request | changes)
    assert not EventRecord.objects.exists()


def test_a_manager_may_address_their_clinics_and_head_office_all(people: dict[str, Any]) -> None:
    head_office = UserFactory(is_superuser=True)
    assert [within.label for within in audiences.scopes_for(people["manager"])] == ["Here"]
    assert [within.label for within in audiences.scopes_for(head_office)] == ["All clinics", "Here", "There"]
    assert audiences.scopes_for(people["pieter"]) == audiences.scopes_for(people["nurse"]) == []
    # A nurse's work at another clinic gives a manager nothing to say there.
    StaffRoleFactory(clinic=people["there"], user=people["manager"])
    assert [within.label for within in audiences.scopes_for(people["manager"])] == ["Here"]

"""Two managers, or two browsers, at the same moment."""

from collections.abc import Callable
from functools import partial

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from home.models import StaffInvitation, StaffRole, User
from home.staff.invitations import staff_invitation_accept, staff_invite
from tests.at_once import at_once
from tests.factories import StaffRoleFactory
from tests.home.conftest import Cast
from tests.home.staff.test_invitations import ADDRESS, PROFILE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


def ended(client: Client, role: StaffRole) -> None:
    client.post(f"/admin/staff/delete/{role.pk}/")


def test_of_two_managers_who_end_each_others_roles_one_stays(cast: Cast) -> None:
    other = StaffRoleFactory(clinic=cast.clinic, role="manager")
    role = StaffRole.objects.get(user=cast.manager)
    first, second = Client(), Client()
    first.force_login(cast.manager)
    second.force_login(other.user)
    at_once(partial(ended, first, other), partial(ended, second, role))
    assert StaffRole.objects.filter(clinic=cast.clinic, role="manager").count() == 1


def test_of_two_managers_who_leave_one_stays(cast: Cast) -> None:
    other = StaffRoleFactory(clinic=cast.clinic, role="manager")
    role = StaffRole.objects.get(user=cast.manager)
    first, second = Client(), Client()
    first.force_login(cast.manager)
    second.force_login(other.user)
    at_once(partial(ended, first, role), partial(ended, second, other))
    assert StaffRole.objects.filter(clinic=cast.clinic, role="manager").count() == 1


def outcome(call: Callable[[], object]) -> str:
    try:
        call()
    except ValidationError as error:
        return str(error.code if hasattr(error, "code") else next(iter(error.error_dict.values()))[0].code)
    return "done"


def invited(cast: Cast) -> Callable[[], StaffInvitation]:
    return partial(
        staff_invite,
        clinic=cast.clinic,
        role="nurse",
        email=ADDRESS,
        language="en",
        invited_by=cast.manager,
        now=timezone.now(),
    )


def test_of_two_invitations_to_one_address_one_is_made(cast: Cast) -> None:
    found = at_once(*(partial(outcome, invited(cast)) for _each in range(2)))
    assert sorted(found) == ["done", "open"]
    assert StaffInvitation.objects.count() == 1


def test_a_link_that_is_opened_twice_makes_one_account(cast: Cast) -> None:
    row = invited(cast)()
    accept = partial(
        staff_invitation_accept,
        invitation_id=row.pk,
        digest=row.digest,
        user=None,
        profile=PROFILE,
        now=timezone.now(),
    )
    found = at_once(*(partial(outcome, accept) for _each in range(2)))
    assert sorted(found) == ["closed", "done"]
    assert User.objects.filter(email=ADDRESS).count() == 1
    assert StaffRole.objects.filter(clinic=cast.clinic, role="nurse").count() == 2

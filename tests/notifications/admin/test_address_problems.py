"""Staff see which addresses of their own people fail, and of nobody else's."""

import pytest
from django.urls import reverse
from django.utils import timezone

from notifications.models import Suppression
from tests.notifications.admin.clinics import People, people, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def langa(db: None) -> People:
    return people("Langa")


def fails(address: str | None) -> Suppression:
    return Suppression.objects.create(
        channel="email", address=address, reason="bounced", since=timezone.now()
    )


def test_staff_see_their_own_peoples_addresses_that_fail(wynberg: People, langa: People) -> None:
    fails(wynberg.patient.email)
    fails(langa.patient.email)
    Suppression.objects.filter(pk=fails(wynberg.carer.email).pk).update(cleared_at=timezone.now())
    page = signed_in(wynberg.nurse).get(reverse("notification_addresses:index")).content.decode()
    assert str(wynberg.patient.email) in page
    assert "Patient Wynberg" in page
    assert "mail comes back" in page
    assert str(langa.patient.email) not in page
    assert str(wynberg.carer.email) not in page


def test_patients_see_no_such_list(wynberg: People) -> None:
    fails(wynberg.patient.email)
    response = signed_in(wynberg.patient).get(reverse("notification_addresses:index"))
    assert response.status_code == 302

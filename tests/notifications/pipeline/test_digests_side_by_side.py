"""Several workers at once: all that waits for a person is taken by one of them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from notifications.models import Delivery
from notifications.pipeline.digests import claim_held
from notifications.types import Lane
from tests.factories import UserFactory
from tests.notifications.factories import DeliveryFactory

WORKERS = 4


@pytest.mark.django_db(transaction=True)
def test_workers_who_take_at_once_never_share_a_person() -> None:
    users = [UserFactory() for _ in range(12)]
    for _ in range(3):
        for user in users:
            DeliveryFactory(lane=Lane.HELD, notification__recipient=user)
    together = Barrier(WORKERS)

    def work() -> None:
        try:
            together.wait(30)
            # Whoever finds all people locked comes back, as the task does.
            while Delivery.objects.filter(lease_owner="").exists():
                claim_held("pigeons", now=timezone.now(), limit=2)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(work) for _ in range(WORKERS)]:
            done.result(60)
    rows = Delivery.objects.values_list("notification__recipient_id", "lease_owner", "digest")
    assert len(rows) == 36
    assert len(set(rows)) == len(users)
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}

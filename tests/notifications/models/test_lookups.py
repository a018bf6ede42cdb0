"""Many rows go to the database, and come back, as one text."""

import json
from typing import Any

import pytest

from home.models import User
from notifications.models import ChannelChoice
from notifications.models.lookups import Ids, Many, Rows, numbers
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_many_ids_are_found_as_a_set_of_them_is() -> None:
    one, other, _third = UserFactory.create_batch(3)
    ids = {one.pk, other.pk}
    assert (
        set(User.objects.filter(id__any_of=Many(ids)))
        == set(User.objects.filter(id__any_of=ids))
        == {one, other}
    )


def test_of_none_nothing_is_asked(django_assert_num_queries: Any) -> None:
    UserFactory()
    with django_assert_num_queries(0):
        assert not User.objects.filter(id__any_of=Many(()))
        assert not User.objects.filter(id__any_of=set()).exists()
        assert User.objects.filter(id__any_of=[]).update(first_name="Nobody") == 0


def test_what_rows_share_is_read_once_with_all_that_is_their_own() -> None:
    one, other = UserFactory.create_batch(2, first_name='Nomsa "Noms"')
    for user, channel in ((one, "email"), (other, "email"), (one, "sms")):
        ChannelChoice.objects.create(user=user, category="visit", channel=channel, on=True)
    by_channel = ChannelChoice.objects.order_by().values("channel")
    ids = dict(by_channel.annotate(ids=Ids("user_id")).values_list("channel", "ids"))
    assert {channel: sorted(numbers(each)) for channel, each in ids.items()} == {
        "email": [one.pk, other.pk],
        "sms": [one.pk],
    }
    rows = dict(by_channel.annotate(own=Rows("user_id", "user__first_name")).values_list("channel", "own"))
    assert sorted(json.loads(rows["email"])) == [[one.pk, 'Nomsa "Noms"'], [other.pk, 'Nomsa "Noms"']]


def test_there_are_no_numbers_in_a_group_of_nothing() -> None:
    assert numbers(None) == numbers("") == []

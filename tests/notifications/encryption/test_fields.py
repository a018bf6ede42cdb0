"""What the database has of a number, an address or a text, however it was written, and how it is found again."""

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, transaction

from home.models import User
from notifications.encryption.cipher import Unreadable, is_unreadable, seal, seal_indexed, unseal
from notifications.models import Delivery, PushSubscription
from tests.factories import UserFactory
from tests.notifications.encryption.keys import FIRST, SECOND, kept
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db

NUMBER = "+27821234567"


def test_a_text_is_sealed_otherwise_each_time_and_nobody_reads_it() -> None:
    one, other = seal("Take Metformin"), seal("Take Metformin")
    assert one != other and "Metformin" not in one
    assert unseal(one) == unseal(other) == "Take Metformin"
    assert seal("") == seal_indexed("") == ""


def test_what_was_tampered_with_is_not_read() -> None:
    sealed = seal("one tablet")
    for at in range(15, len(sealed), 7):
        # Of the last letter only the first bits count.
        other = "/" if sealed[at] in "ABCD" else "A"
        assert is_unreadable(unseal(sealed[:at] + other + sealed[at + 1 :])), at
    assert is_unreadable(unseal(sealed[:20])) and is_unreadable(unseal("enc1:"))


def test_any_text_comes_back_as_it_was() -> None:
    for text in ("enc1:00000000:AAAA", "idx1:x", "a\x00b", "😀 ê", " ", "x" * 100_000):
        assert unseal(seal(text)) == unseal(seal_indexed(text)) == text


@pytest.mark.parametrize("how", ["save", "update_fields", "update", "bulk_create", "bulk_update"])
def test_however_a_number_is_written_it_is_sealed_and_found(how: str) -> None:
    user = UserFactory(phone=None if how != "bulk_create" else "+27835550117")
    if how == "bulk_create":
        user.delete()
        user.phone = NUMBER
        User.objects.bulk_create([user])
    elif how == "update":
        User.objects.filter(pk=user.pk).update(phone=NUMBER)
    else:
        user.phone = NUMBER
        if how == "bulk_update":
            User.objects.bulk_update([user], ["phone"])
        else:
            user.save(update_fields=["phone"] if how == "update_fields" else None)
    assert "821234567" not in kept(User, "phone", user.pk)
    found = User.objects.get(phone="082 123 4567")
    assert found.phone == NUMBER and found.phone.as_national == "082 123 4567"
    assert not User.objects.filter(phone="+27821234568").exists()


def test_two_people_never_have_one_number() -> None:
    UserFactory(phone=NUMBER)
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(phone="0821234567")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=UserFactory().pk).update(phone=NUMBER)
    with pytest.raises(ValidationError) as refused:
        UserFactory.build(phone=NUMBER, password="x").full_clean()
    assert list(refused.value.message_dict) == ["phone"]
    UserFactory(phone=None), UserFactory(phone=None)


def test_a_number_that_was_written_before_is_found_and_kept_apart_too() -> None:
    user = UserFactory(phone=NUMBER)
    write(user, NUMBER)
    assert User.objects.get(phone=NUMBER).phone == NUMBER
    with pytest.raises(ValidationError):
        UserFactory.build(phone=NUMBER).full_clean()


def test_nothing_else_is_stored_as_a_number() -> None:
    with pytest.raises(ValueError, match="12345 is not a phone number"), transaction.atomic():
        User.objects.filter(pk=UserFactory().pk).update(phone="12345")
    assert not User.objects.filter(phone="12345").exists()


def test_what_is_encrypted_is_neither_sorted_nor_searched_nor_compared() -> None:
    for filters in ({"address": "x"}, {"address__icontains": "x"}, {"body__gt": "x"}):
        with pytest.raises(FieldError):
            list(Delivery.objects.filter(**filters))
    with pytest.raises(FieldError):
        list(User.objects.filter(phone__startswith="+27"))


def test_with_a_key_that_is_lost_a_row_says_so_and_keeps_what_it_has(settings: object) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    user = UserFactory(phone=NUMBER)
    row = DeliveryFactory(notification__recipient=user, body="Take one")
    before = kept(User, "phone", user.pk), kept(Delivery, "body", row.pk)
    settings.FIELD_ENCRYPTION_KEYS = [SECOND]
    user, row = User.objects.get(pk=user.pk), Delivery.objects.get(pk=row.pk)
    assert isinstance(row.body, Unreadable) and "can’t be read" in row.body
    assert "can’t be read" in f"{user.phone} {user.phone.as_national}" and not user.phone.is_valid()
    user.save()
    row.save()
    assert (kept(User, "phone", user.pk), kept(Delivery, "body", row.pk)) == before
    settings.FIELD_ENCRYPTION_KEYS = [SECOND, FIRST]
    assert User.objects.get(pk=user.pk).phone == NUMBER
    assert Delivery.objects.get(pk=row.pk).body == "Take one"


def test_a_key_of_later_reads_what_was_written_when_there_was_none(settings: object) -> None:
    user = UserFactory(phone=NUMBER)
    settings.FIELD_ENCRYPTION_KEYS = [FIRST]
    assert User.objects.get(pk=user.pk).phone == NUMBER


def test_an_endpoint_is_found_and_is_there_once() -> None:
    user = UserFactory()
    fields = {"user": user, "p256dh": "p", "auth": "a", "created_at": user.date_joined}
    PushSubscription.objects.create(endpoint="https://push.example.org/1", **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        PushSubscription.objects.create(endpoint="https://push.example.org/1", **fields)
    assert PushSubscription.objects.get(endpoint="https://push.example.org/1").auth == "a"


def test_a_number_is_looked_up_by_an_index() -> None:
    query = User.objects.filter(phone=NUMBER)
    plan = query.explain()
    if connection.vendor == "sqlite":
        assert "user_phone_once" in plan, plan
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "user_phone_once" in query.explain()


def write(user: User, number: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE home_user SET phone = %s WHERE id = %s", [number, user.pk])

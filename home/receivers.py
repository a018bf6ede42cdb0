"""What follows from changes of patients: messages move along, transfers end, and changed clocks are written down."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver
from django.utils import timezone

from home.clocks.marks import clocks_mark
from home.clocks.moving import AT_ONCE, MOVE_CLOCKS, clocks_move_next
from home.models import Clinic, Conversation, Patient, Relation, Transfer, User
from home.search_keys import keys_of_users_write, keys_write
from notifications.models import NotificationTemplate
from notifications.selectors.people import timezone_of
from notifications.services import NotificationService
from notifications.signals import preferences_changed
from notifications.timezones import timezone_names
from notifications.work.wakeups import wake_on_commit

_NUMBERS = {"phone", "folder_number", "id_number"}


def _clocks_change(patient_ids: list[int]) -> None:
    """Write it down with the change. A few are followed as soon as that is committed, thousands by a worker."""
    if not patient_ids:
        return
    clocks_mark(patient_ids, now=timezone.now())
    if len(patient_ids) > AT_ONCE:
        wake_on_commit(MOVE_CLOCKS)
    else:
        transaction.on_commit(partial(_follow, patient_ids), robust=True)


def _follow(patient_ids: list[int]) -> None:
    clocks_move_next(now=timezone.now(), patient__in=patient_ids, lease_until__isnull=True)


@receiver(pre_save, sender=Patient, dispatch_uid="home.receivers.patient")
def patient_saved(instance: Patient, raw: bool, **kwargs: Any) -> None:
    """Runs within `Patient.save`'s transaction, and holds the patient from here on."""
    before = (
        None
        if raw or instance.pk is None
        else Patient.objects.select_for_update(of=("self",), no_key=True)
        .select_related("clinic")
        .filter(pk=instance.pk)
        .first()
    )
    if before and before.clinic_id != instance.clinic_id:
        # Who cares for the patient from now on sees the reminders of before (docs/decisions/0075).
        NotificationService.subject_moved(
            subject_id=before.pk, before=before.clinic_id, now_in=instance.clinic_id
        )
        Conversation.objects.filter(patient=before.pk).update(clinic=instance.clinic_id, assigned_to=None)
    if before and (before.zone, before.slots) != (instance.zone, instance.slots):
        _clocks_change([before.pk])


@receiver(post_save, sender=Patient, dispatch_uid="home.receivers.patient_found")
def patient_found_by(
    instance: Patient, raw: bool, created: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """A search finds the patient by the numbers of now. Rows that are made in bulk need `keys_write`."""
    has_none = created and not (instance.phone or instance.folder_number or instance.id_number)
    if not raw and not has_none and (update_fields is None or _NUMBERS.intersection(update_fields)):
        keys_write([instance])


@receiver(post_save, sender=Patient, dispatch_uid="home.receivers.patient_transfers")
def patient_is_elsewhere(
    instance: Patient, raw: bool, created: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """A transfer that the clinic of before asked for is withdrawn: after the patient's row, as wherever both change."""
    if not raw and not created and (update_fields is None or "clinic" in update_fields):
        asked = instance.transfers.filter(state=Transfer.State.ASKED).exclude(from_clinic=instance.clinic_id)
        asked.update(state=Transfer.State.WITHDRAWN, decided_at=timezone.now())


@receiver(post_save, sender=User, dispatch_uid="home.receivers.user_found")
def user_found_by(
    instance: User, raw: bool, created: bool, update_fields: Collection[str] | None, **kwargs: Any
) -> None:
    """And by those of the people who care for them."""
    has_none = created and not instance.phone
    if not raw and not has_none and (update_fields is None or "phone" in update_fields):
        keys_of_users_write([instance])


@receiver(post_delete, sender=Clinic, dispatch_uid="home.receivers.clinic_gone")
def clinic_gone(instance: Clinic, **kwargs: Any) -> None:
    """The words of a clinic go with it."""
    NotificationTemplate.objects.filter(scope_id=instance.pk).delete()


@receiver(pre_save, sender=Clinic, dispatch_uid="home.receivers.clinic")
def clinic_saved(instance: Clinic, raw: bool, **kwargs: Any) -> None:
    """Runs within `Clinic.save`'s transaction, and holds the patients before the clinic."""
    before = None if raw or instance.pk is None else Clinic.objects.filter(pk=instance.pk).first()
    if before is None:
        return
    patients = Patient.objects.filter(clinic_id=before.pk).order_by("pk").select_for_update(no_key=True)
    if before.slot_times != instance.slot_times:
        _clocks_change(list(patients.values_list("pk", flat=True)))
    elif before.zone != instance.zone:
        _clocks_change(list(patients.exclude(timezone__in=timezone_names()).values_list("pk", flat=True)))


@receiver(preferences_changed, dispatch_uid="home.receivers.preferences")
def person_moved(user_id: int, changed: set[str], **kwargs: Any) -> None:
    """A patient with an account of their own gets the time zone that they chose for it."""
    if "timezone" not in changed:
        return
    timezone = timezone_of(user_id)
    for patient in Patient.objects.filter(care_roles__user_id=user_id, care_roles__relation=Relation.SELF):
        patient.timezone = timezone
        patient.save(update_fields=["timezone"])

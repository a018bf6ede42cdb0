"""What people wrote before there were conversations waits to be read too: as far as its words are still kept."""

from datetime import timedelta

from django.db import IntegrityError, migrations, transaction
from django.utils import timezone

from notifications.encryption.cipher import is_unreadable
from notifications.phone_numbers import as_e164
from notifications.rules.keywords import command_of, keyword_of

AT_ONCE = 500
WITHIN = timedelta(days=31)
"""Later the words are wiped."""


def batches(rows):
    last = 0
    while some := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield some
        last = some[-1].pk


def forward(apps, schema_editor):
    text, conversation = (
        apps.get_model("notifications", "InboundMessage"),
        apps.get_model("home", "Conversation"),
    )
    clinic, patient = apps.get_model("home", "Clinic"), apps.get_model("home", "Patient")
    clinics = set(clinic.objects.values_list("pk", flat=True))
    rows = text.objects.filter(
        interpretation__in=("unknown_words", "stranger"), received_at__gt=timezone.now() - WITHIN
    ).exclude(text="")
    for some in batches(rows):
        there = patient.objects.filter(pk__in={row.subject_id for row in some}, erased_at__isnull=True)
        patients = set(there.values_list("pk", flat=True))
        for row in some:
            try:
                with transaction.atomic():
                    keep(conversation, row, clinics, patients)
            except IntegrityError:
                # They wrote about the same meanwhile, and so it is read.
                continue


def keep(conversation, row, clinics, patients):
    """Put one into the conversation that it belongs to: open, and waiting for an answer. One that there is already
    shows it anyway, and stays as it is.
    """
    if row.user_id is None and not is_a_persons(row):
        return
    if row.subject_id is not None and row.subject_id not in patients:
        return
    clinic_id = row.scope_id
    if clinic_id is not None and clinic_id not in clinics:
        return
    if row.user_id is None:
        whose = {"user": None, "number": row.sender}
    elif row.subject_id is not None:
        whose = {"user_id": row.user_id, "patient_id": row.subject_id}
    else:
        whose = {"user_id": row.user_id, "patient_id": None, "clinic_id": clinic_id}
    last = {"last_at": row.received_at, "last_text_id": row.pk, "channel": row.channel}
    mine = conversation.objects.filter(**whose)
    if mine.exists():
        mine.filter(opened_at__lt=row.received_at, version=0, is_waiting=True).update(**last)
        return
    fresh = {"clinic_id": clinic_id, "patient_id": row.subject_id, "opened_at": row.received_at}
    conversation.objects.create(**{**fresh, **last, **whose})


def is_a_persons(row):
    """Whether somebody has to read what a number that is nobody's wrote: it is one, and it asked a program nothing."""
    if is_unreadable(row.sender) or is_unreadable(row.text) or as_e164(row.sender) is None:
        return False
    keyword = keyword_of(row.text)
    return command_of(row.text) is None and len(keyword) > 1 and not row.text.startswith("[")


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0033_languages_of_clinics"),
        ("notifications", "0030_voice"),
    ]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop, elidable=True)]

"""Who was here before is found too: by part of the name, and by the numbers of those who sign in."""

from django.db import migrations

from home.names import searchable
from home.search_keys import digests_of, digests_of_user

AT_ONCE = 500


def batches(rows):
    last = 0
    while some := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield some
        last = some[-1].pk


def forward(apps, schema_editor):
    patient, user = apps.get_model("home", "Patient"), apps.get_model("home", "User")
    search_key = apps.get_model("home", "SearchKey")
    for some in batches(patient.objects.filter(erased_at__isnull=True)):
        for each in some:
            each.name_searched = searchable(each.first_name, each.last_name)
        patient.objects.bulk_update(some, ["name_searched"])
        keys = [search_key(patient_id=each.pk, digest=digest) for each in some for digest in digests_of(each)]
        search_key.objects.bulk_create(keys, ignore_conflicts=True)
    for some in batches(user.objects.filter(phone__isnull=False)):
        keys = [
            search_key(user_id=each.pk, digest=digest) for each in some for digest in digests_of_user(each)
        ]
        search_key.objects.bulk_create(keys, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("home", "0021_search_keys_and_desk_invitations")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

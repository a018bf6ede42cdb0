"""More people than a test can wait for one by one."""

from django.db import connection

from home.models import Clinic, StaffRole, User
from notifications import bus
from notifications.event_types import ANNOUNCEMENT
from notifications.models import EventRecord
from tests.factories import ClinicFactory

_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"


def staff(count: int, *, with_mail: bool = True, clinic: Clinic | None = None) -> Clinic:
    """A clinic, a new one without that, with so many people on its staff."""
    clinic = clinic or ClinicFactory()
    pattern = User.objects.create(
        email=f"pattern-{clinic.pk}@example.org", first_name="Thandi", password="!", is_active=False
    )
    columns = [field.column for field in User._meta.concrete_fields if not field.primary_key]
    # No two of them, nor of another clinic's, have the same.
    number = f"(n + {pattern.pk})"
    values = {
        "email": f"'recipient-' || {number} || '@example.org'" if with_mail else "NULL",
        "phone": f"'+27' || (820000000 + {number})",
        "is_active": "NOT is_active",
    }
    users, roles = User._meta.db_table, StaffRole._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {users}")  # noqa: S608 - here and below all is constant
        before = cursor.fetchone()[0]
        cursor.execute(
            f"{_NUMBERS} INSERT INTO {users} ({', '.join(columns)})"  # noqa: S608
            f" SELECT {', '.join(values.get(column, column) for column in columns)}"
            f" FROM numbers CROSS JOIN {users} WHERE id = %s",
            [count, pattern.pk],
        )
        cursor.execute(
            f"INSERT INTO {roles} (user_id, clinic_id, role)"  # noqa: S608
            f" SELECT id, %s, %s FROM {users} WHERE id > %s",
            [clinic.pk, StaffRole.Role.NURSE, before],
        )
    return clinic


def announce(clinic: Clinic, *, by: User) -> EventRecord:
    """Tell all of its staff something."""
    return bus.publish(
        ANNOUNCEMENT,
        {
            "title": {"en": "Closed on Friday", "af": "Vrydag gesluit"},
            "message": {"en": "We are open again on Monday.", "af": "Ons is Maandag weer oop."},
            "audiences": ["staff"],
            "within": {"clinic": clinic.pk},
            "announced_by": by.pk,
        },
    )

"""Roles at clinics: given, changed and ended by who manages the clinic at that moment.

Whoever does so holds the clinic's row meanwhile, so that of two who act at the same time the second sees what the first
did.
"""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from home.models import Clinic, StaffRole, User
from home.selectors import clinics_managed_by


def check_manages(by: User, clinic_id: int) -> None:
    """Call it inside the transaction that changes something: it locks the clinic's row, not its patients.

    Raises ValidationError where this person doesn't manage it, or no longer does.
    """
    list(Clinic.objects.select_for_update(no_key=True).filter(pk=clinic_id).values_list("pk"))
    if not clinics_managed_by(User.objects.get(pk=by.pk)).filter(pk=clinic_id).exists():
        raise ValidationError(_("You don’t manage this clinic, or no longer do."), code="not_manager")


def check_not_last(role: StaffRole, by: User) -> None:
    """After `check_manages`: raises ValidationError where nobody but head office would manage the clinic without this
    role, unless it is head office that ends it.
    """
    if by.is_superuser or role.role != StaffRole.Role.MANAGER or not role.user.is_active:
        return
    if not other_managers(role).exists():
        raise ValidationError(
            _(
                "%(name)s is the only manager of %(clinic)s. Invite another manager first, or ask head office to end "
                "this role."
            )
            % {"name": role.user, "clinic": role.clinic},
            code="last_manager",
        )


def other_managers(role: StaffRole) -> QuerySet[StaffRole]:
    managers = StaffRole.objects.filter(
        clinic=role.clinic_id, role=StaffRole.Role.MANAGER, user__is_active=True
    )
    return managers.exclude(user=role.user_id)

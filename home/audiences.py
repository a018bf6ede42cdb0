"""The audiences of announcements: the patients, carers, staff and managers of a clinic, or of all clinics."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from home.models import CareRole, Relation, StaffRole, in_care
from home.selectors import clinics_managed_by
from notifications.audiences import Audience, Within, register, register_scopes
from notifications.types import About


def _care(within: Mapping[str, Any], **filters: Any) -> Iterable[int]:
    roles = CareRole.objects.filter(in_care("patient"), user__is_active=True, **filters)
    if "clinic" in within:
        roles = roles.filter(patient__clinic_id=within["clinic"])
    return roles.values_list("user_id", flat=True).distinct()


def _staff(within: Mapping[str, Any], **filters: Any) -> QuerySet[StaffRole, int]:
    roles = StaffRole.objects.filter(user__is_active=True, **filters)
    if "clinic" in within:
        roles = roles.filter(clinic_id=within["clinic"])
    return roles.values_list("user_id", flat=True).distinct()


def _scopes(user: Any) -> Sequence[Within]:
    """Each of the clinics that they manage; head office also all of them together."""
    everywhere = [Within("all", gettext("All clinics"), {})] if user.is_superuser and user.is_active else []
    clinics = clinics_managed_by(user).order_by("name")
    return [*everywhere, *(Within(str(clinic.pk), clinic.name, {"clinic": clinic.pk}) for clinic in clinics)]


register(Audience("patients", _("Patients"), lambda within: _care(within, relation=Relation.SELF)))
register(
    Audience(
        "carers",
        _("Carers and guardians"),
        lambda within: _care(within, relation__in=[Relation.CARER, Relation.GUARDIAN]),
    )
)
register(Audience("staff", _("Staff"), _staff))
register(Audience("managers", _("Managers"), lambda within: _staff(within, role=StaffRole.Role.MANAGER)))
register_scopes(_scopes, lambda within: About(within.get("clinic")))

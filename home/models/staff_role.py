"""A staff role: that a person works at a clinic. Head office has none: a superuser sees every clinic."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from home.models.clinic import Clinic


class StaffRole(models.Model):
    class Role(models.TextChoices):
        NURSE = "nurse", _("nurse")
        MANAGER = "manager", _("manager")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="staff_roles",
        verbose_name=_("person"),
    )
    clinic = models.ForeignKey(
        Clinic, on_delete=models.CASCADE, related_name="staff_roles", db_index=False, verbose_name=_("clinic")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)

    had_by: int | None = None
    """While it is saved or deleted, the id of the person who had it until then (home.groups)."""
    was: tuple[int, int] | None = None
    """While it is saved, who worked at which clinic by it until then (home.staff.receivers)."""

    class Meta:
        verbose_name = _("staff role")
        verbose_name_plural = _("staff roles")
        ordering = ["clinic", "role", "user"]
        constraints = [models.UniqueConstraint(fields=["clinic", "role", "user"], name="staff_role_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()}, {self.clinic})"

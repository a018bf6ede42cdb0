"""A district: clinics whose figures one person follows, and who that is."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Region(models.Model):
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="region_name_once")]

    def __str__(self) -> str:
        return self.name


class RegionRole(models.Model):
    """That somebody follows the figures of a district's clinics. It opens nobody's record (docs/decisions/0135)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="region_roles",
        verbose_name=_("person"),
    )
    region = models.ForeignKey(
        Region, on_delete=models.CASCADE, related_name="roles", db_index=False, verbose_name=_("district")
    )

    had_by: int | None = None
    """While it is saved or deleted, the id of the person who had it until then (home.groups)."""

    class Meta:
        verbose_name = _("district manager")
        verbose_name_plural = _("district managers")
        ordering = ["region", "user"]
        constraints = [models.UniqueConstraint(fields=["region", "user"], name="region_role_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.region})"

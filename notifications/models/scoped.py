"""A row that belongs to one part of the world, whose staff alone see it."""

from django.db import models

from notifications.types import About


class Scoped(models.Model):
    """`types.About` as columns: ids of rows that the engine doesn't know, so never foreign keys."""

    scope_id = models.BigIntegerField(null=True, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def about(self) -> About:
        return About(self.scope_id, self.subject_id)

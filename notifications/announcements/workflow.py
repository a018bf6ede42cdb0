"""The workflow of announcements, as Wagtail keeps it: one task, the approval by a second person."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import Workflow, WorkflowContentType, WorkflowTask

from notifications.models import Announcement, SecondPersonTask
from notifications.models.announcement import WORKFLOW


def workflow_make(sender: AppConfig, **kwargs: Any) -> None:
    """Make it where the site has none yet; called after each migrate, when all apps have their tables."""
    if sender is not [config for config in apps.get_app_configs() if config.models_module][-1]:
        return
    with transaction.atomic():
        workflow, is_new = Workflow.objects.get_or_create(name=WORKFLOW)
        if not is_new:
            return
        task = SecondPersonTask.objects.create(name=WORKFLOW)
        WorkflowTask.objects.create(workflow=workflow, task=task)
        kind = ContentType.objects.get_for_model(Announcement)
        WorkflowContentType.objects.get_or_create(content_type=kind, defaults={"workflow": workflow})

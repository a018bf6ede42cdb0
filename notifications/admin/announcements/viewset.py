"""Where announcements are found in the admin."""

from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy

from notifications.admin.announcements.views import AnnounceView, CancelView, DetailView, ListView
from notifications.admin.menu import MESSAGES
from notifications.admin.reports.base import ReportViewSet
from notifications.models import Notification


class AnnouncementViewSet(ReportViewSet):
    name = "announcements"
    model = Notification
    view_class = ListView
    icon = "comment"
    menu_hook = MESSAGES
    menu_label = gettext_lazy("Announcements")
    menu_order = 10

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(verbose_name_plural=gettext_lazy("announcements"), **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("add/", AnnounceView.as_view(), name="add"),
            path("<int:pk>/", DetailView.as_view(), name="detail"),
            path(
                "<int:pk>/cancel/",
                CancelView.as_view(index_url_name=self.get_url_name("index")),
                name="cancel",
            ),
        ]

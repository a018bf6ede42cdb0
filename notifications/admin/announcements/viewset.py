"""Where announcements are found in the admin."""

from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy

from notifications.admin.announcements.views import (
    ApproveView,
    ChangeView,
    CopyView,
    DeleteView,
    DetailView,
    ListView,
    ProgressView,
    ReportFileView,
    SendBackView,
    SendView,
    StopView,
    TestView,
    WithdrawView,
    WriteView,
)
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
            path("add/", WriteView.as_view(), name="add"),
            path("<int:pk>/", DetailView.as_view(), name="detail"),
            path("<int:pk>/edit/", ChangeView.as_view(), name="edit"),
            path("<int:pk>/progress/", ProgressView.as_view(), name="progress"),
            path("<int:pk>/report/", ReportFileView.as_view(), name="report"),
            path("<int:pk>/test/", TestView.as_view(), name="test"),
            path("<int:pk>/send/", SendView.as_view(), name="send"),
            path("<int:pk>/approve/", ApproveView.as_view(), name="approve"),
            path("<int:pk>/send-back/", SendBackView.as_view(), name="send_back"),
            path("<int:pk>/withdraw/", WithdrawView.as_view(), name="withdraw"),
            path("<int:pk>/stop/", StopView.as_view(), name="stop"),
            path("<int:pk>/copy/", CopyView.as_view(), name="copy"),
            path("<int:pk>/delete/", DeleteView.as_view(), name="delete"),
        ]

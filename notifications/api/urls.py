"""Every call. Included under /api/, without a language."""

from django.urls import path, re_path

from notifications.api.views import about, messages, preferences, schedule, sign_in

app_name = "api"

urlpatterns = [
    path("", about.Index.as_view(), name="index"),
    path("schema/", about.Schema.as_view(), name="schema"),
    path("docs/", about.Docs.as_view(), name="docs"),
    path("auth/login/", sign_in.SignIn.as_view(), name="sign_in"),
    path("auth/logout/", sign_in.SignOut.as_view(), name="sign_out"),
    path("auth/logoutall/", sign_in.SignOutEverywhere.as_view(), name="sign_out_everywhere"),
    path("notifications/", messages.Messages.as_view(), name="messages"),
    path("notifications/schedule/", schedule.Schedule.as_view(), name="schedule"),
    path("notifications/mark-all-read/", messages.MarkAllRead.as_view(), name="mark_all_read"),
    path("notifications/<int:notification_id>/", messages.Message.as_view(), name="message"),
    path("notifications/<int:notification_id>/mark-read/", messages.MarkRead.as_view(), name="mark_read"),
    path(
        "notifications/<int:notification_id>/acknowledge/", messages.Acknowledge.as_view(), name="acknowledge"
    ),
    path("notifications/<int:notification_id>/dismiss/", messages.Dismiss.as_view(), name="dismiss"),
    path(
        "notifications/<int:notification_id>/cancel_scheduled/",
        schedule.CancelScheduled.as_view(),
        name="cancel_scheduled",
    ),
    path(
        "notifications/<int:notification_id>/schedule_status/",
        schedule.ScheduleStatus.as_view(),
        name="schedule_status",
    ),
    path("notifications/<int:notification_id>/retry/", schedule.Retry.as_view(), name="retry"),
    path("notification-preferences/", preferences.Preferences.as_view(), name="preferences"),
    re_path("", about.NotHere.as_view()),
]

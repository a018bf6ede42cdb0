"""The pages of clinic events for patients. Included under the language prefix."""

from django.urls import path

from events.views import calendar, event, listing, visits

app_name = "events"

urlpatterns = [
    path("events/", listing.events, name="events"),
    path("events/<int:event_id>/", event.event, name="event"),
    path("events/<int:event_id>/join/", event.join, name="event_join"),
    path("events/<int:event_id>/leave/", event.leave, name="event_leave"),
    path("events/<int:event_id>/calendar.ics", calendar.event_file, name="event_file"),
    path("visits/", visits.visits, name="visits"),
    path("visits/<int:visit_id>/move/", visits.move, name="visit_move"),
    path("visits/<int:visit_id>/cancel/", visits.cancel, name="visit_cancel"),
    path("visits/<int:visit_id>/coming/", visits.coming, name="visit_coming"),
    path("events/calendar/", calendar.address, name="calendar"),
    path("events/calendar/make/", calendar.make, name="calendar_make"),
    path("events/calendar/renew/", calendar.renew, name="calendar_renew"),
    path("events/calendar/remove/", calendar.remove, name="calendar_remove"),
]

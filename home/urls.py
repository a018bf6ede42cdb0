"""After signing in, where one is signed in, and the page without a connection. Included under the language prefix."""

from django.urls import path

from home.sign_in.views import sessions, start
from home.webapp.views import offline

app_name = "home"

urlpatterns = [
    path("start/", start, name="start"),
    path("sessions/", sessions, name="sessions"),
    path("offline/", offline, name="offline"),
]

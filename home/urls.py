"""After signing in, where one is signed in, the way to the manager's page, and the page without a connection. Included
under the language prefix.
"""

from django.urls import path

from home.admin.manager import figures
from home.sign_in.views import sessions, start
from home.webapp.views import offline

app_name = "home"

urlpatterns = [
    path("start/", start, name="start"),
    path("sessions/", sessions, name="sessions"),
    path("figures/", figures, name="figures"),
    path("offline/", offline, name="offline"),
]

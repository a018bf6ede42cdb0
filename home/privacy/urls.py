"""A person's pages about their consent, and about who saw their record. Included under the language prefix."""

from django.urls import path

from home.privacy import views

app_name = "privacy"

urlpatterns = [
    path("consent/", views.consents, name="consents"),
    path("who-saw-my-record/", views.who_saw, name="who_saw"),
]

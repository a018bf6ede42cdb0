"""Invitations. Included under the language prefix; short, since it stands in an SMS."""

from django.urls import path

from home.invitation import views

app_name = "invitation"

urlpatterns = [
    path("i/<str:token>/", views.accept, name="accept"),
]

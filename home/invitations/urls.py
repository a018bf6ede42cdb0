"""Invitations. Included under the language prefix; short, since it stands in an SMS."""

from django.urls import path

from home.invitations import views

app_name = "invitations"

urlpatterns = [
    path("i/<str:token>/", views.accept, name="accept"),
]

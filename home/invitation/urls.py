"""Invitations. Included under the language prefix; short, because the address is part of an SMS."""

from django.urls import path

from home.invitation import views

app_name = "invitation"

urlpatterns = [
    path("i/<str:token>/", views.accept, name="accept"),
]

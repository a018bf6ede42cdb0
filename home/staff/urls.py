"""Invitations to work at a clinic. Included under the language prefix."""

from django.urls import path

from home.staff import views

app_name = "staff_invitation"

urlpatterns = [
    path("work/<str:token>/", views.accept, name="accept"),
]

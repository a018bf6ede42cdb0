"""Where SMS providers call us. Without a language."""

from django.urls import path

from notifications.inbound import views

app_name = "inbound"

urlpatterns = [
    path("<slug:provider>/status/", views.status, name="status"),
    path("<slug:provider>/inbound/", views.inbound, name="inbound"),
]

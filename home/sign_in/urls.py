"""allauth's pages, but for those that change a person's own addresses: home/contact_verification has its own."""

from allauth.account.views import password_set
from django.urls import include, path

from home.sign_in import views
from home.sign_in.asking import asked_first

urlpatterns = [
    path("email/", views.not_offered),
    path("confirm-email/", views.not_offered),
    path("confirm-email/<path:key>/", views.not_offered),
    path("phone/change/", views.not_offered),
    path("phone/verify/", views.not_offered),
    path("login/code/", views.request_code),
    path("password/set/", asked_first(password_set)),
    path("reauthenticate/code/", views.RequestReauthenticationCode.as_view()),
    path("", include("allauth.urls")),
]

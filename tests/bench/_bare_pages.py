"""The least that a page and a badge can be: Django's own session, user and one query, in the plainest template."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from notifications.selectors.inbox import inbox, unread_count
from notifications.web.access import PersonalRequest

PAGE = engines["django"].from_string("""<!DOCTYPE html>
<html lang="en">
    <head><title>Inbox</title></head>
    <body>
        <h1>Inbox of {{ user.get_full_name }}</h1>
        <ul>
            {% for message in messages %}
                <li>
                    <h2><a href="/inbox/{{ message.pk }}/">{{ message.title }}</a></h2>
                    <time datetime="{{ message.sent_at|date:'c' }}">{{ message.sent_at|date:"j M H:i" }}</time>
                    <p>{{ message.body }}</p>
                    <form method="post" action="/inbox/{{ message.pk }}/read/">
                        {% csrf_token %}<button>Read</button>
                    </form>
                </li>
            {% endfor %}
        </ul>
    </body>
</html>
""")

BACKEND = "django.contrib.auth.backends.ModelBackend"
MIDDLEWARE = [
    "tests.bench._bare_pages.bare",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]


def bare(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Finds views here rather than among the site's."""

    def answer(request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__
        return get_response(request)

    return answer


@login_required
def page(request: PersonalRequest) -> HttpResponse:
    messages = inbox(request.user.pk).defer("routing")[:25]
    return HttpResponse(PAGE.render({"messages": messages, "user": request.user}, request))


@login_required
def badge(request: PersonalRequest) -> HttpResponse:
    return HttpResponse(str(unread_count(request.user.pk)))


urlpatterns = [path("page/", page), path("badge/", badge)]

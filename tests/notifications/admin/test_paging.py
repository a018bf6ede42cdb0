"""How far a list of staff's is counted, and what it says where there are more."""

import pytest
from django.test import Client
from django.urls import reverse

from home.models import User
from notifications.admin import export
from notifications.admin.reports.messages import MessageLogView
from notifications.admin.reports.paging import CappedPaginator
from notifications.models import Notification
from tests.notifications.admin.rows import notification

LOG = "notification_messages:index"


@pytest.fixture
def three(patient_user: User) -> None:
    for _number in range(3):
        notification(patient_user)


def paginator(per_page: int = 1) -> CappedPaginator:
    return CappedPaginator(Notification.objects.order_by("-id"), per_page)


def test_what_can_be_counted_is_counted(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CappedPaginator, "most_counted", 3)
    found = paginator()
    assert (found.count, found.is_capped, found.num_pages) == (3, False, 3)
    assert found.items_count_label == "3 messages"


def test_beyond_it_the_list_says_that_there_are_more(three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CappedPaginator, "most_counted", 2)
    found = paginator()
    assert (found.is_capped, found.num_pages) == (True, 2)
    assert found.items_count_label == "More than 2. Filters find the older ones."
    newest = list(Notification.objects.order_by("-id"))
    assert list(found.get_page(9)) == newest[1:2]


@pytest.mark.parametrize("query", [{}, {"scheduled_status": "sent"}])
def test_the_page_says_so_too(
    head_office: Client, three: None, monkeypatch: pytest.MonkeyPatch, query: dict[str, str]
) -> None:
    monkeypatch.setattr(CappedPaginator, "most_counted", 2)
    monkeypatch.setattr(MessageLogView, "paginate_by", 2)
    page = head_office.get(reverse(LOG), query).content.decode()
    assert "There are 3 matches" not in page
    assert page.count("ore than 2. Filters find the older ones.") == (2 if query else 1)


def test_a_file_has_all_rows_that_it_may_have(
    head_office: Client, three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CappedPaginator, "most_counted", 2)
    file = head_office.get(reverse(LOG), {"export": "csv"})
    assert file["Content-Type"].startswith("text/csv")
    assert len(file.content.decode().splitlines()) == 4
    monkeypatch.setattr(export, "MOST_EXPORTED", 2)
    assert head_office.get(reverse(LOG), {"export": "csv"}).status_code == 302

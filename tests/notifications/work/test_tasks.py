"""What Huey's workers are as they start."""

import os
import threading

from notifications.tasks import BEHIND_PAGES, let_pages_go_first


def test_a_worker_steps_behind_pages_and_takes_no_other_thread_along() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    found: list[int] = []

    def worker() -> None:
        let_pages_go_first()
        let_pages_go_first()
        found.append(os.getpriority(os.PRIO_PROCESS, 0))

    thread = threading.Thread(target=worker)
    thread.start()
    thread.join()

    assert found == [max(before, BEHIND_PAGES)]
    assert os.getpriority(os.PRIO_PROCESS, 0) == before

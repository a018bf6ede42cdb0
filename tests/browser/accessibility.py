"""What a page must be for everybody: clean to axe-core, no wider than its window, and reached by the keyboard."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

STAND_STILL = """
document.getAnimations()
    .filter(each => each.effect.getComputedTiming().iterations !== Infinity)
    .forEach(each => each.finish())
"""


def violations(page: Page, **options: Any) -> list[str]:
    """What axe-core has against the page, once it is loaded with its styles and stands still; `options` are its own."""
    page.wait_for_load_state()
    page.evaluate(STAND_STILL)  # a colour that is half way to another has little contrast with either
    return broken(Axe().run(page, **options).response)


def broken(answer: dict[str, Any]) -> list[str]:
    """What axe found, each rule with the pieces of the page that break it."""
    return [
        f"{each['id']}: {' | '.join(node['html'] for node in each['nodes'])}" for each in answer["violations"]
    ]


def is_clean(page: Page) -> None:
    found = violations(page)
    assert not found, "\n".join(found)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def tab_to(page: Page, selector: str) -> None:
    """With the Tab key, as somebody without a mouse gets there."""
    there = page.locator(selector).first
    for _ in range(120):
        if there.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"The keyboard doesn't get to {selector}.")

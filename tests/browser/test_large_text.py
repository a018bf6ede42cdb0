"""Text at twice its size on the narrowest phone: nothing runs over the edge, is cut off or lies on something else."""

import pytest

from tests.browser.visits import SMALL_PHONE, Visits

PAGES = (
    "/today/",
    "/inbox/",
    "/preferences/",
    "/events/",
    "/events/calendar/",
    "/medicines/",
    "/vaccinations/",
)

TWICE = "document.documentElement.style.fontSize = '200%'"
OVER_THE_EDGE = """
() => {
  const width = document.documentElement.clientWidth;
  const scrolls = ".chips, .table-wrap, .nhsuk-u-visually-hidden, .nhsuk-skip-link, svg";
  const found = document.documentElement.scrollWidth > width ? ["the page"] : [];
  for (const each of document.querySelectorAll("body *")) {
    if (!each.checkVisibility() || each.closest(scrolls)) { continue; }
    const box = each.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) { continue; }
    const name = `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 30)}`;
    if (box.left < -1 || box.right > width + 1) { found.push(`over the edge: ${name}`); }
    if (getComputedStyle(each).overflowX === "hidden" && each.scrollWidth > each.clientWidth + 1) {
      found.push(`cut off: ${name}`);
    }
  }
  return found;
}
"""
OVERLAPS = """
() => {
  const elsewhere = ".nhsuk-u-visually-hidden, .nhsuk-skip-link, .matrix thead, svg, .top-bar, .badge, select, .chips";
  const words = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!node.data.trim() || !holder.checkVisibility() || holder.closest(elsewhere)) { continue; }
    const range = document.createRange();
    range.selectNodeContents(node);
    const bar = Boolean(holder.closest(".navigation"));
    for (const box of range.getClientRects()) { words.push({ text: node.data.trim(), box, node, bar }); }
  }
  const found = [];
  for (const [index, one] of words.entries()) {
    for (const other of words.slice(index + 1)) {
      if (one.node === other.node || one.bar !== other.bar) { continue; }
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (across > 2 && down > one.box.height / 3) { found.push(`${one.text} / ${other.text}`); }
    }
  }
  return found;
}
"""


@pytest.mark.parametrize("language", ["en", "af"])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_overflows_or_overlaps_at_twice_the_size(visits: Visits, path: str, language: str) -> None:
    page = visits.open("anna" if path == "/vaccinations/" else "thandi", width=SMALL_PHONE)
    page.goto(f"/{language}{path}")
    page.evaluate(TWICE)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert page.evaluate(OVER_THE_EDGE) == []
    assert page.evaluate(OVERLAPS) == []

"""A scripted manager at a browser: she walks workflow 5.1 to its end, and what she does and is shown is counted."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

CHROMIUM = Path(shutil.which("chromium") or shutil.which("chromium-headless-shell") or "/usr/bin/chromium")
WORDS_A_MINUTE, INTERACTION_S, DECISION_S = 240, 2, 45
SAID = "Seen: I write to the customer myself today."
# Of a closed list only what is chosen is seen, nothing of one that is folded away, nor what is only read aloud.
SHOWN = """element => [...element.querySelectorAll("select, .visually-hidden")].filter((each) => each.innerText).reduce(
  (text, each) => text.replace(each.innerText, each.selectedOptions?.[0]?.text ?? ""), element.innerText)"""
DAYS, ITEMS = ".rows [id^=review-]", ".rows [id^=item-]"
ITEM, OPEN_ITEM = "#detail form#answer [name=sha256]", "a[hx-target='#detail']"


@contextmanager
def opened(url: str, cookie: str = "") -> Iterator[Page]:
    """A page of a Chromium of its own; `cookie` ("name=value") is that of somebody who is signed in at `url`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1280, "height": 860})
        if cookie:
            name, _is, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": url}])
        yield context.new_page()
        browser.close()


class Manager:
    """Counts what she does and what she is shown."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.interactions = self.words = self.decided = 0
        self.seen: set[str] = set()

    def key(self, *keys: str) -> None:
        """Commands of the keyboard."""
        for key in keys:
            self.page.keyboard.press(key)
            self.interactions += 1

    def fill(self, selector: str, text: str) -> None:
        self.page.locator(selector).first.fill(text)
        self.interactions += 1

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.interactions += 1

    def read(self, selector: str) -> None:
        """Everything visible there, unless she has just read the same; dots, arrows and keys are no words."""
        place = self.page.locator(selector).first
        shown, keys = str(place.evaluate(SHOWN)), place.locator("kbd:visible").count()
        if shown not in self.seen:
            self.seen.add(shown)
            self.words += sum(any(map(str.isalnum, word)) for word in shown.split()) - keys

    @property
    def minutes(self) -> float:
        return self.words / WORDS_A_MINUTE + (self.interactions * INTERACTION_S + self.decided * DECISION_S) / 60


def morning(manager: Manager, url: str, *, grace_s: float) -> None:
    """Workflow 5.1: Today, the queue worst first, the quiet ones together, a 1:1 with every agent."""
    page = manager.page
    page.goto(url)
    manager.read("main")
    manager.key("g", "q")
    page.wait_for_url("**/queue/")
    manager.read("#rows")
    manager.key("j", "Enter")
    while page.locator(ITEMS).count():
        _one(manager)
    page.goto(f"{url}/queue/")
    manager.click("#quiet button.btn-primary")
    page.wait_for_load_state()
    manager.key("m")
    page.wait_for_url("**/one-on-one/")
    _talk(manager)
    while page.locator("[rel=next]").count():
        here = page.url
        manager.key("n")
        page.wait_for_url(lambda there, was=here: there != was)
        _talk(manager)
    time.sleep(grace_s + 1)  # days whose last item has left close by themselves
    page.goto(f"{url}/queue/")
    while page.locator(DAYS).count():
        _close(manager)


def _talk(manager: Manager) -> None:
    """It counts as opened once the page has said so."""
    manager.page.wait_for_load_state("networkidle")
    manager.read("main")


def _close(manager: Manager) -> None:
    """A day whose items were decided before anybody looked at it, unless it has just closed by itself."""
    page = manager.page
    days = page.locator(DAYS).count()
    manager.click(f"{DAYS} a")
    page.wait_for_selector("#detail article")
    if page.locator("#detail [data-hotkey=a]").count():
        manager.read("#detail")
        manager.key("a")
    page.wait_for_function("was => document.querySelectorAll('.rows [id^=review-]').length < was", arg=days)


def _one(manager: Manager) -> None:
    """An item is approved, or answered in a sentence; a day leads to its items; from elsewhere, back to the list."""
    page = manager.page
    page.wait_for_load_state("networkidle")
    before, decides = page.locator("#detail").inner_text(), bool(page.locator(ITEM).count())
    manager.read("#detail")
    if decides:
        manager.decided += 1
        _decide(manager)
    elif page.locator(f"#detail {OPEN_ITEM}").count():
        manager.click(f"#detail {OPEN_ITEM}")
    else:
        manager.click(f"{ITEMS} a")
    changed = "was => (document.querySelector('#detail')?.innerText ?? '') !== was"
    page.wait_for_function(changed, arg=before)


def _decide(manager: Manager) -> None:
    if manager.page.locator("#detail [data-hotkey=a]").count():
        manager.key("a")
        return
    _answer(manager)
    manager.click("#detail [data-hotkey=s]")


def _answer(manager: Manager) -> None:
    """The first of what is offered, and what is asked for in words or figures; where nothing is, a note."""
    form = manager.page.locator("#detail form#answer")
    if form.locator("[type=radio]").count():
        manager.key("1")
    asked = form.locator("[name^=answer-]:is(input:not([type=radio]), textarea)")
    for number in range(asked.count()):
        field = asked.nth(number)
        manager.fill(f"[id={field.get_attribute('id')}]", "5" if field.get_attribute("inputmode") else SAID)
    if not form.locator("[name^=answer-]").count():
        manager.fill("#detail #note", SAID)

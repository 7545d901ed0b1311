"""A real browser on a live server: Debian's Chromium, nothing off loopback, no message on its console."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebError, expect

from agents.people.models import User
from tests.cast import session_of
from tests.demo_days import Days, demo_days
from tests.model import use_rehearsal
from tests.rehearsal.fixtures import Rehearsal, rehearsal, rehearsal_server

__all__ = ["demo_days", "rehearsal", "rehearsal_server", "use_rehearsal"]
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""The first draws no window, which is half of the work."""
SHOTS = Path(__file__).parents[1] / "shots"
# The phone is dark, so that every page is seen in both themes.
LOOKS: tuple[tuple[str, Literal["light", "dark"]], ...] = (("wide", "light"), ("phone", "dark"))
SIZES = {"wide": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
PATIENCE_MS = 60_000
"""A page comes late where other tests hold the processors; one that comes is not waited for."""
expect.set_options(timeout=PATIENCE_MS)
# Playwright's own event loop runs in the test's thread; the ORM calls of the test are synchronous all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# A refused resource or inline style is a line on the console and an event of the document; we want to hear of both.
LISTEN = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP refused ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""
# A page shows its text before its scripts have run, and what htmx swaps in before it has taken that into its care:
# neither hears a key till then.
LOADED = "addEventListener('load', () => document.documentElement.setAttribute('data-loaded', ''))"
LOADING = "html:not([data-loaded]), html:has(.htmx-added)"
READY = "html[data-loaded]:not(:has(.htmx-added))"


@pytest.fixture(autouse=True, scope="session")
def _model_first(rehearsal_server: Rehearsal) -> None:
    """The stand-in model starts an event loop; once Playwright's runs in this thread, no other can start."""


@pytest.fixture(autouse=True, scope="session")
def _chromium() -> None:
    if not CHROMIUM:
        pytest.skip("There is no Chromium here: apt-get install chromium-headless-shell, and the browser tests run.")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu", "--renderer-process-limit=1"]}


@pytest.fixture(params=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    """Every test that asks for it runs on a desk and on a phone."""
    return str(request.param)


@pytest.fixture
def browser_context_args(request: pytest.FixtureRequest, live_server: Any) -> dict[str, Any]:
    size = request.getfixturevalue("size") if "size" in request.fixturenames else "wide"
    return {
        "base_url": live_server.url,
        "viewport": SIZES[size],
        "color_scheme": dict(LOOKS)[size],
        "locale": "en-GB",
        "timezone_id": "Europe/Madrid",
        "reduced_motion": "reduce",
        **getattr(request, "param", {}),
    }


@pytest.fixture(scope="session")
def contexts(django_db_setup: None, live_server: Any, browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """One for each way to look: a new one would fetch, read and compile every file anew, half a second of work.

    Closed before the server and the database go: each of their connections is a thread with one to the database.
    """
    contexts: dict[str, BrowserContext] = {}
    yield contexts
    for context in list(contexts.values()):
        context.close()


@pytest.fixture
def context(
    browser: Browser, contexts: dict[str, BrowserContext], browser_context_args: dict[str, Any]
) -> Iterator[BrowserContext]:
    """Without a page or a cookie. A test that leaves more in it, as a theme or a clock, closes it for good."""
    look = json.dumps(browser_context_args, sort_keys=True)

    def gone(_: BrowserContext) -> None:
        del contexts[look]

    if look not in contexts:
        contexts[look] = new_context(browser, **browser_context_args)
        contexts[look].on("close", gone)
    context = contexts[look]
    yield context
    if look in contexts:
        for page in context.pages:
            page.close()
        context.clear_cookies()


def new_context(browser: Browser, **looks: Any) -> BrowserContext:
    """A browser of somebody's own, that says what it refuses.

    The test server is WSGI: the stream would hold one of its threads for ever; regions poll instead. Not by a route: a
    request sent while a page closes would slip past it.
    """
    context = browser.new_context(**looks)
    context.add_init_script(LISTEN)
    context.add_init_script(LOADED)
    context.add_init_script("window.EventSource = class extends EventTarget {};")
    return context


@pytest.fixture
def console(context: BrowserContext) -> Iterator[list[str]]:
    """What the browser complained about; a test that ends with a line in it fails. Refusals we provoke are removed."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def see(error: WebError) -> None:
        said.append(str(error.error))

    context.on("console", hear)
    context.on("weberror", see)
    yield said
    context.remove_listener("console", hear)
    context.remove_listener("weberror", see)
    assert said == []


class Visit(Protocol):
    """Opens a path of the console as somebody, Today when none is named."""

    def __call__(self, user: User | None, path: str = "/") -> Page: ...


@pytest.fixture
def visit(live_server: Any, context: BrowserContext, browser_context_args: dict[str, Any], console: list[str]) -> Visit:
    """`visit(cast.owner)` is Today, signed in as that person; `visit(None)` is what a stranger sees of it.

    Whatever is done to the page or expected of it, wherever it has gone meanwhile, waits until that has loaded.
    """

    def make(user: User | None, path: str = "/") -> Page:
        if user:
            context.add_cookies([session_cookie(user, live_server.url)])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        if browser_context_args.get("java_script_enabled", True):
            page.add_locator_handler(page.locator(LOADING), lambda: None)
        page.goto(path)
        return page

    return make


def keys(page: Page, *pressed: str) -> None:
    """Press one after the other, once the page hears them."""
    ready(page)
    for key in pressed:
        page.keyboard.press(key)


def unfold(page: Page, key: str) -> None:
    """Press the key of what opens, and wait until that has taken the cursor: it would take it from a field just chosen,
    and what is typed then would be in another."""
    keys(page, key)
    expect(page.locator("details[data-focus][open] :focus")).to_have_count(1)


CUT = """[document.documentElement, ...document.querySelectorAll(".panel:has(> table)")]
  .filter((part) => getComputedStyle(part).overflowX != "auto").map((part) => part.scrollWidth - part.clientWidth)"""


def ready(page: Page) -> None:
    """Wait until the page, just gone to perhaps, is there as a whole: what no locator is asked waits for nothing."""
    page.locator(READY).wait_for(state="attached")


def too_wide(page: Page) -> int:
    """How many pixels the page is wider than its window, or a table than the panel that cuts it off."""
    ready(page)
    return int(max(page.evaluate(CUT)))


def session_cookie(user: User, url: str) -> Any:
    """A session of the person, made without the sign-in page."""
    return {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": url}


def looks(page: Page) -> Iterator[str]:
    """The page at a desk in light and on a phone in dark, loaded once."""
    for size, theme in LOOKS:
        page.set_viewport_size({"width": SIZES[size]["width"], "height": SIZES[size]["height"]})
        page.emulate_media(color_scheme=theme)
        yield size


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Keeps a picture of the whole page in tests/shots for people to look at, when somebody asks for them: SHOTS=1."""

    def keep(page: Page, name: str) -> None:
        if not os.environ.get("SHOTS"):
            return
        SHOTS.mkdir(exist_ok=True)
        size = next((size for size, pixels in SIZES.items() if pixels == page.viewport_size), "other")
        page.screenshot(path=SHOTS / f"{name}-{size}.png", full_page=True)

    return keep


Demo = Callable[[str], User]


@pytest.fixture
def demo(live_server: Any, demo_days: Days, rehearsal: Rehearsal, use_rehearsal: None) -> Demo:
    """The demo team on its first morning; `demo("chief")` is one of its people."""
    demo_days.morning.put()
    return lambda role: User.objects.get(email=f"{role}@demo.example")

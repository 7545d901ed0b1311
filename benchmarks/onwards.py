"""How long the next item takes to show after a decision, in a real browser: an owner approves one after the other.

She looks at each for a second, which is hardly reading it. The first ones warm the server up, as it is at eight in the
morning.
"""

import statistics
import time

from playwright.sync_api import Page

from agents.fleet.models import Agent
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind
from agents.runs.models import Decision
from benchmarks.fleet import make_agents, make_team
from benchmarks.pages import signed_in
from benchmarks.stand import Stand
from benchmarks.table import Row, at_most, spread
from benchmarks.walker import CHROMIUM, opened

AGENTS, WARM, NEXT_MS = 25, 8, 150
READS_S = 1.0
TITLE = "#detail h2"
# Seen in the browser itself: from the key to the first frame that shows another title.
WAIT = """() => { const was = document.querySelector("#detail h2").innerText; let pressed;
  addEventListener("keydown", () => { pressed = performance.now(); }, { once: true, capture: true });
  window.shown = new Promise((resolve) => { const look = () => {
    const now = document.querySelector("#detail h2")?.innerText;
    if (now && now !== was) resolve(performance.now() - pressed); else requestAnimationFrame(look); }; look(); }); }"""


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Every decision must have been taken."""
    if not CHROMIUM.exists():
        return [Row("from a decision to the next item", "There is no Chromium here: apt-get install chromium.")]
    count = 4 if quick else 80
    agents = make_agents(make_team(), AGENTS, steps=1)
    for number in range(WARM + count + 1):
        _ask(agents[number % AGENTS], number)
    stand.analyze()
    cookie = signed_in(agents[0])
    with stand.worker("urgent", 1), stand.web() as port:
        url = f"http://127.0.0.1:{port}"
        with opened(url, cookie) as page:
            waits = _decided(page, url, WARM + count)[WARM:]
    assert Decision.objects.filter(item__agent__in=agents).count() == WARM + count
    shown = statistics.quantiles(waits, n=20)[-1]
    return [
        at_most(f"from a decision to the next item on the screen, p95 of {count}", spread([shown], "ms"), NEXT_MS),
        Row("the same, p50", spread([statistics.median(waits)], "ms")),
    ]


def _ask(agent: Agent, number: int) -> None:
    raise_exception(
        agent,
        kind=ExceptionKind.APPROVAL,
        title=f"May I refund {number + 10} USD for order 8821{number}?",
        detail="The customer wrote twice since yesterday and says that the first answer did not help.",
        proposal={"order": f"8821{number}", "amount": 40},
    )


def _decided(page: Page, url: str, count: int) -> list[float]:
    """Milliseconds from each key to the next title."""
    page.goto(f"{url}/queue/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(TITLE)
    waits = []
    for _ in range(count):
        time.sleep(READS_S)
        page.evaluate(WAIT)
        page.keyboard.press("a")
        waits.append(float(page.evaluate("window.shown")))
    return waits

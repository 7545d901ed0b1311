"""The scripted manager on the demo that `make up` runs here, in its morning: `python -m benchmarks.demo`."""

from playwright.sync_api import Page, sync_playwright

from benchmarks.walker import CHROMIUM, Manager, morning
from console import settings
from console.supervisor import state

TALKS = ["support-desk", "refund-agent"]


def main() -> None:
    """Signs in as its manager, clears the morning, and prints what it took."""
    up = state.read()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        manager = Manager(browser.new_page(viewport={"width": 1280, "height": 860}))
        _sign_in(manager.page, up["url"], up["logins"]["manager"])
        morning(manager, up["url"], TALKS, grace_s=settings.DECISION_GRACE)
        browser.close()
    took = f"{manager.interactions} interactions, {manager.words} words, {manager.minutes:.0f} minutes"
    print(f"{manager.decided} items decided, nothing is left: {took}")


def _sign_in(page: Page, url: str, login: dict[str, str]) -> None:
    page.goto(url)
    page.locator("[name=login]").fill(login["email"])
    page.locator("[name=password]").fill(login["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/")


if __name__ == "__main__":
    main()

"""The scripted manager on the demo that `make up` runs here, in its morning: `python -m benchmarks.demo`."""

from playwright.sync_api import Page

from benchmarks.walker import Manager, morning, opened
from console import settings
from console.supervisor import state


def main() -> None:
    """Signs in as its manager, clears the morning, and prints what it took."""
    up = state.read()
    with opened(up["url"]) as page:
        manager = Manager(page)
        _sign_in(page, up["url"], up["logins"]["manager"])
        morning(manager, up["url"], grace_s=settings.DECISION_GRACE)
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

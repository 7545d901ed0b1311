"""The command lines of the console's processes."""

from uvicorn import Config
from uvicorn.main import main
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from console.celery import app, clock
from console.supervisor import commands


def test_the_web_process_believes_no_forwarded_address() -> None:
    given = main.make_context("uvicorn", list(commands.web(8000)[3:])).params
    config = Config("tests.supervisor.test_commands:given", proxy_headers=given["proxy_headers"], lifespan="off")
    config.load()
    assert not isinstance(config.loaded_app, ProxyHeadersMiddleware)
    assert given["proxy_headers"] is False


def test_the_clock_sends_every_tick_without_loading_django() -> None:
    assert not clock.fixups
    assert clock.conf.beat_schedule == app.conf.beat_schedule
    app.loader.import_default_modules()
    ticks = [tick["task"] for tick in clock.conf.beat_schedule.values()]
    assert ticks
    assert set(ticks) <= set(app.tasks)
    assert all("queue" in tick["options"] for tick in clock.conf.beat_schedule.values())


def given() -> None:
    """Something to load."""

"""The command lines of the console's processes."""

from uvicorn import Config
from uvicorn.main import main
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from console.supervisor import commands


def test_the_web_process_believes_no_forwarded_address() -> None:
    given = main.make_context("uvicorn", list(commands.web(8000)[3:])).params
    config = Config("tests.supervisor.test_commands:given", proxy_headers=given["proxy_headers"], lifespan="off")
    config.load()
    assert not isinstance(config.loaded_app, ProxyHeadersMiddleware)
    assert given["proxy_headers"] is False


def given() -> None:
    """Something to load."""

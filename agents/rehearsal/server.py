"""The application: routes, the control door (loopback only), and running until told to stop."""

import asyncio
import ipaddress
import signal

from aiohttp import web
from aiohttp.typedefs import Handler

from agents.rehearsal import vendor, vendors
from agents.rehearsal.completions import STATE, complete, refusal
from agents.rehearsal.embeddings import embed
from agents.rehearsal.script import BadScript, State

MODELS = ("rehearsal-small", "rehearsal-standard", "rehearsal-large")
_LARGEST = 32 * 1024 * 1024
_GRACE = 0.1


def application(state: State) -> web.Application:
    """The server around a state; every answer carries `X-Rehearsal: 1`."""
    app = web.Application(client_max_size=_LARGEST, middlewares=[_loopback_control])
    app[STATE] = state
    app.on_response_prepare.append(_marked)
    app.add_routes(
        [
            web.get("/healthz", _healthy),
            web.get("/v1/models", _models),
            web.post("/v1/chat/completions", complete),
            web.post("/v1/embeddings", embed),
            web.post("/vendor/{name}/effects", vendor.act),
            web.get("/vendor/{name}/effects", vendor.listed),
            web.post("/control/script", _script),
            web.post("/control/reset", _reset),
            web.get("/control/calls", _calls),
            *vendors.ROUTES,
        ]
    )
    return app


async def start(state: State, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Listen; gives the runner to clean up and the port (a free one when 0 was asked). Raises OSError when busy."""
    runner = web.AppRunner(application(state), access_log=None, shutdown_timeout=_GRACE, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    return runner, int(runner.addresses[0][1])


async def serve(state: State, host: str, port: int) -> None:
    """Listen until SIGTERM or SIGINT; requests still open are dropped after a moment."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    runner, port = await start(state, host, port)
    print(f"rehearsal listening on http://{host}:{port}", flush=True)
    await stop.wait()
    await runner.cleanup()


def local(peer: str | None) -> bool:
    """Whether a peer's address is on this machine's loopback; an unknown one is not."""
    return bool(peer) and ipaddress.ip_address(str(peer)).is_loopback


@web.middleware
async def _loopback_control(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith("/control/") and not local(request.remote):
        return refusal(403, "The control door answers this machine only.", "forbidden")
    return await handler(request)


async def _marked(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Rehearsal"] = "1"


async def _healthy(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _models(_: web.Request) -> web.Response:
    listed = [{"id": name, "object": "model", "created": 0, "owned_by": "rehearsal"} for name in MODELS]
    return web.json_response({"object": "list", "data": listed})


async def _script(http: web.Request) -> web.Response:
    try:
        return web.json_response({"queued": http.app[STATE].script.add(await http.json())})
    except ValueError as error:
        plain = str(error) if isinstance(error, BadScript) else "The script is not JSON."
        return refusal(400, plain, "bad_script")


async def _reset(http: web.Request) -> web.Response:
    http.app[STATE].reset()
    return web.json_response({"status": "ok"})


async def _calls(http: web.Request) -> web.Response:
    calls, last = http.app[STATE].calls, http.query.get("last", "")
    shown = list(calls.kept)[-int(last) :] if last.isdigit() else list(calls.kept)
    return web.json_response({"count": calls.count, "calls": shown})

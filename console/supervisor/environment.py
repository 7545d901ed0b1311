"""The environment of every process of the console: what was given, then what the embedded services add to it."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from console.supervisor import given, postgres, state
from console.supervisor.ports import LOOPBACK, any_free
from console.supervisor.postgres import Postgres
from console.supervisor.valkey import Valkey

OFF = {"0", "false", "no", "off"}


def demo_wanted(env: Mapping[str, str]) -> bool:
    """Whether an empty database gets the demo team."""
    return env.get("DEMO", "1").lower() not in OFF


def wanted_port(env: Mapping[str, str]) -> int:
    """The port asked for, 8000 when none is; raise Refused when it is not a port."""
    text = env.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise given.Refused(f"PORT must be a number from 1 to 65535; it is {text!r}.")
    return int(text)


def use_secrets(env: dict[str, str], kept: Mapping[str, str]) -> None:
    """The keys the data was made with and the code of the first sign-up, unless others are given."""
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "SETUP_CODE"):
        env.setdefault(name, kept[name.lower()])


def check_given(env: Mapping[str, str]) -> None:
    """Look at every address somebody gave, before anything is started; raise Refused."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        if env.get(name):
            given.check_database(name, env[name])
    if env.get("REDIS_URL"):
        given.check_redis(env["REDIS_URL"])


def has_one_role(env: Mapping[str, str]) -> bool:
    """Whether the application is the owner of its tables, so that only triggers keep the trail append-only."""
    return not env.get("DATABASE_OWNER_URL")


def use_database(env: dict[str, str], home: Path, log: Path, kept: Mapping[str, str]) -> Postgres | None:
    """Start the embedded database unless one is given; raise ServiceFailed."""
    if env.get("DATABASE_URL"):
        return None
    server = Postgres(home, log, port=_known_port("database_url"))
    server.start()
    server.prepare(kept["owner_password"], kept["app_password"])
    env["DATABASE_URL"] = server.url(postgres.APP, kept["app_password"])
    env["DATABASE_OWNER_URL"] = server.url(postgres.OWNER, kept["owner_password"])
    return server


def use_redis(env: dict[str, str], home: Path, log: Path, kept: Mapping[str, str]) -> Valkey | None:
    """Start the embedded Valkey unless a Redis is given; raise ServiceFailed."""
    if env.get("REDIS_URL"):
        return None
    server = Valkey(home, log, kept["redis_password"], port=_known_port("redis_url"))
    server.start()
    env["REDIS_URL"] = server.url
    return server


def use_rehearsal(env: dict[str, str]) -> int:
    """Choose the port of the rehearsal process and let children reach it; it is the model when no other is given."""
    port = any_free(_known_port("rehearsal_url"))
    address = f"{LOOPBACK}:{port}"
    env["REHEARSAL_URL"] = f"http://{address}"
    env["EGRESS_ALLOW"] = ",".join(filter(None, (env.get("EGRESS_ALLOW"), address)))
    if not has_model(env):
        env |= {"OPENAI_API_KEY": "rehearsal", "OPENAI_BASE_URL": f"http://{address}/v1"}
    return port


def has_model(env: Mapping[str, str]) -> bool:
    """Whether a real model endpoint was given."""
    return bool(env.get("OPENAI_API_KEY") or env.get("OPENAI_BASE_URL"))


def remember(env: Mapping[str, str]) -> None:
    """Write down the addresses and keys for commands run by hand; never a model key somebody gave us."""
    values = {name.lower(): env.get(name, "") for name in state.ENVIRONMENT}
    if has_model(os.environ):
        values |= {"openai_api_key": "", "openai_base_url": ""}
    state.update(**values)


def _known_port(key: str) -> int:
    """The port of the last start, so that an address stays the same where it can."""
    address = urlsplit(str(state.read().get(key) or ""))
    return address.port or 0 if address.hostname == LOOPBACK else 0

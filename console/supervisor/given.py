"""Services somebody gave us by address: looked at once, so that a wrong address is one sentence and not a traceback."""

import re

import psycopg
import redis

OLDEST_POSTGRES = 15
LOOKS_RIGHT = re.compile(r"postgres(ql)?://[^/]+/[^/?]+")


class Refused(Exception):
    """What was asked cannot work as given; the text is one plain sentence. Exit status 2."""


def check_database(name: str, url: str) -> None:
    """Raise Refused unless the PostgreSQL at `url`, given by the variable `name`, answers and is new enough."""
    if not LOOKS_RIGHT.match(url):
        raise Refused(f"{name} must look like postgresql://user:password@host:port/name.")
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        raise Refused(f"{name} does not lead to a PostgreSQL we can use: {_sentence(error)}") from error
    if version < OLDEST_POSTGRES:
        raise Refused(f"{name} leads to PostgreSQL {version}; Rollcall needs {OLDEST_POSTGRES} or newer.")


def check_redis(url: str) -> None:
    """Raise Refused unless the Redis or Valkey at `url` answers."""
    try:
        redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5).ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise Refused(f"REDIS_URL does not lead to a Redis we can use: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    """The first line of what the client says, which is the fault; hints follow it."""
    said = str(error).strip() or type(error).__name__
    return said.splitlines()[0].rstrip(".") + "."

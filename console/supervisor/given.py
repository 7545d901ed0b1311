"""Services somebody gave us by address: looked at once, so that a wrong address is one sentence and not a traceback."""

import psycopg
import redis

OLDEST_POSTGRES = 15


class Refused(Exception):
    """What was asked cannot work as given; the text is one plain sentence. Exit status 2."""


def check_database(name: str, url: str) -> None:
    """Raise Refused unless the PostgreSQL at `url`, given by the variable `name`, answers and is new enough."""
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
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") + "." if lines else f"{type(error).__name__}."

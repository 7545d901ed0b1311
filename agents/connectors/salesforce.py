"""Salesforce, as agents of several vendors leave their work in it: sign-in, SOQL, records (connectors.md B1, B2).

OAuth client credentials of an External Client App; the token is asked for anew for each piece of work, never kept.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from agents.connectors import wording
from agents.connectors.contract import VendorError
from agents.connectors.enums import Problem
from agents.connectors.online import Online, item, rows

TOKEN = "/services/oauth2/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Salesforce(Online):
    """What adapters over a Salesforce org share. The connection's address is the org's own (My Domain)."""

    secrets = ("client_id", "client_secret")
    options: ClassVar[Mapping[str, str]] = {"api_version": "v64.0"}

    @cached_property
    def token(self) -> str:
        """A fresh access token."""
        given = {"grant_type": "client_credentials"} | {
            name: self.secret(name) for name in ("client_id", "client_secret")
        }
        answer = self.call("POST", TOKEN, body=urlencode(given).encode(), headers=FORM)
        return str(item(answer.data, "access_token"))

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def data(self) -> str:
        """Where the versioned API begins."""
        return f"/services/data/{self.option('api_version')}"

    def soql(self, query: str) -> Iterator[dict[str, Any]]:
        """The records of a query, page after page."""
        path = f"{self.data}/query/?{urlencode({'q': query})}"
        while path:
            found = self.call("GET", path).data
            yield from rows(found, "records")
            path = "" if item(found, "done") else onwards(item(found, "nextRecordsUrl"))

    def sql(self, query: str) -> Iterator[dict[str, Any]]:
        """The rows of a Data 360 query, by column name."""
        path = f"{self.data}/ssot/query-sql"
        found = self.call("POST", path, body={"sql": query}).data
        while True:
            names = [str(column.get("name")) for column in rows(found, "metadata")]
            for row in item(found, "data"):
                if not isinstance(row, list) or len(row) != len(names):
                    raise VendorError(Problem.BAD_REPLY, _(wording.NO_LIST))
                yield dict(zip(names, row, strict=True))
            if not found.get("nextPageUrl"):
                return
            found = self.call("GET", onwards(found["nextPageUrl"])).data

    def record(self, sobject: str, field: str, value: str) -> str:
        """The path of a record by its external id."""
        return f"{self.data}/sobjects/{sobject}/{field}/{quote(value, safe='')}"


def onwards(path: object) -> str:
    """The next page's path. Another host's address is none: it would get our token."""
    if not isinstance(path, str) or not path.startswith("/") or path.startswith("//"):
        raise VendorError(Problem.BAD_REPLY, _(wording.LED_AWAY))
    return path


def literal(value: str) -> str:
    """Text inside a SOQL or SQL query: quoted, so that no setting can become a query of its own."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

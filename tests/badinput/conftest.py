"""The world of the matrix, and what every answer of a page must be like."""

import re
from collections.abc import Iterator
from typing import cast

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from tests.matrix.conftest import world

__all__ = ["world"]
REQUEST_ID = re.compile(r"req_[0-9a-f]{16}")


def text_of(response: HttpResponseBase) -> str:
    """The whole body."""
    if isinstance(response, StreamingHttpResponse):
        return b"".join(cast(Iterator[bytes], response.streaming_content)).decode()
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def said(response: HttpResponseBase) -> str:
    """The body of a refusal, which carries the request's id in sight."""
    text = text_of(response)
    found = REQUEST_ID.search(text)
    assert found, text[:500]
    assert found[0] == response["X-Request-Id"]
    return text

"""The API's own description: what Ninja derives from the types, and the rules that hold for every endpoint."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation
from ninja.renderers import BaseRenderer

from agents.connectors.ingest import RunDocument
from console.api.access import Scope
from console.api.body import StrictParser, encode
from console.api.problems import MEDIA, Problem

ALWAYS = {
    400: "Unreadable",
    401: "No valid token",
    403: "Not allowed",
    422: "Cannot be taken",
    500: "Broken on our side",
    503: "Away for a moment",
}
CHANGING = {404: "Unknown", 409: "Changed meanwhile", 413: "Too large", 415: "Not JSON"}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "The same key with the same request gets the first answer again; with another request, 409.",
}


class Renderer(BaseRenderer):
    """JSON, with times to the microsecond."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> str:
        return encode(data)


class Document(OpenAPISchema):
    """OpenAPI 3.1 with the scopes, the problems and the Idempotency-Key of each operation."""

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        details = super().operation_details(operation)
        changing = "GET" not in operation.methods
        problems = ALWAYS | (CHANGING if changing else {}) | ({404: "Unknown"} if "{" in operation.path else {})
        answer = {MEDIA: {"schema": {"$ref": REF_TEMPLATE.format(model="Problem")}}}
        details["responses"] |= {
            status: {"description": why, "content": answer} for status, why in sorted(problems.items())
        }
        if changing:
            details["parameters"].append(IDEMPOTENCY_KEY)
        details["security"] = [
            {"token": [auth.scope.value]} for auth in operation.auth_callbacks if isinstance(auth, Scope)
        ]
        return details

    def get_components(self) -> dict[str, Any]:
        self.schemas["Problem"] = Problem.model_json_schema()
        self.schemas |= _run_report()
        return {"schemas": self.schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}


def _run_report() -> dict[str, Any]:
    """What reports of runs are read with, which is not Ninja, and the agent they name."""
    schema = RunDocument.model_json_schema(ref_template=REF_TEMPLATE)
    parts: dict[str, Any] = schema.pop("$defs")
    schema["properties"] = {"agent": {"type": "string", "description": "Its short name."}, **schema["properties"]}
    schema["required"] = ["agent", *schema["required"]]
    return {**parts, "RunReport": schema}


class Api(NinjaAPI):
    """Rollcall's API."""

    def __init__(self) -> None:
        super().__init__(
            title="Rollcall",
            version="1",
            description=(
                "Where people meet their AI agents. A token, made under Settings, reaches what its person may, and sees"
                " personal data masked where its person does; the header Reveal-Reason says what more is needed for,"
                " and the trail keeps it."
            ),
            urls_namespace="api",
            docs_url=None,
            openapi_url="/openapi.json",
            parser=StrictParser(),
            renderer=Renderer(),
        )

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        return self._document

    @cached_property
    def _document(self) -> Document:
        """Made once: it is the same for everybody, and takes a tenth of a second."""
        return Document(self, self.get_root_path({}))

"""Refusals in plain words. Pages show `message` with the request id, the API answers with `status` and `code`."""


class Refused(Exception):
    """An action said no. `message` is for people, `code` for machines; `fields` says where and why."""

    status = 400

    def __init__(self, message: str, code: str = "refused", fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.fields = fields or {}


class NotAllowed(Refused):
    """The person can see it but may not do this."""

    status = 403


class Conflict(Refused):
    """Somebody was faster, or the thing has changed since."""

    status = 409


class Invalid(Refused):
    """What was given cannot be taken."""

    status = 422

    def __init__(self, message: str, code: str = "invalid", fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message, code, fields)

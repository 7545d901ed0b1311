"""Refusals in plain words. Pages show `message` with the request id, the API answers with `status` and `code`."""


class Refused(Exception):
    """An action said no. `message` is a sentence for people; `code` a word for machines."""

    status = 400

    def __init__(self, message: str, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class NotAllowed(Refused):
    """The person can see it but may not do this."""

    status = 403


class Conflict(Refused):
    """Somebody was faster, or the thing has changed since."""

    status = 409


class Invalid(Refused):
    """What was given cannot be taken; `fields` says where and why."""

    status = 422

    def __init__(self, message: str, code: str = "invalid", fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message, code)
        self.fields = fields or {}

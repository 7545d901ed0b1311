"""What can go wrong on the way out, each with a word for machines."""


class OutboundError(Exception):
    """A request did not get its reply. `code` is one of CODES, `message` a sentence for people, without any secret."""

    UNSENT = ("breaker_open", "not_begun")
    """Nobody was asked anything."""
    CODES = ("blocked_address", "unreachable", "timeout", "too_large", "encoded", "redirected", *UNSENT)

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

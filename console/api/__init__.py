"""The machine interface at `/api/v1/`: bearer tokens with scopes, cursor paging, RFC 9457 problems, Idempotency-Key."""

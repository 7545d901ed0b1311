"""Secrets that are shown once and kept as a hash. At 256 random bits a plain SHA-256 is enough (ASVS 6.5.2)."""

import hashlib
import secrets


def new_secret(prefix: str = "") -> str:
    """`prefix` and 43 URL-safe characters."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What the database keeps of a secret."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()

"""Where this checkout's data lives, and the secrets that live and die with it."""

import base64
import hashlib
import json
import os
import secrets
from pathlib import Path

from console.supervisor import binaries, state


def data_folder() -> Path:
    """The folder of the embedded servers' data, made when missing.

    `.local/data`; for root a folder of /var/lib, because the services run as `nobody`, who cannot enter root's home.
    """
    if os.geteuid() != 0:
        return _made(state.directory() / "data", 0o700)
    _made(binaries.SHARED, 0o755)
    name = hashlib.sha256(str(state.directory().resolve()).encode()).hexdigest()[:12]
    return _made(binaries.SHARED / name, 0o711)


def kept_secrets(folder: Path) -> dict[str, str]:
    """The secrets of the data in `folder`: generated once, then always the same."""
    file = folder / "secrets.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    wanted = _fresh() | known
    if wanted != known:
        state.write_private(file, json.dumps(wanted, indent=2, sort_keys=True) + "\n")
    return wanted


def _fresh() -> dict[str, str]:
    return {
        "secret_key": secrets.token_urlsafe(48),
        "encryption_keys": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "owner_password": secrets.token_urlsafe(24),
        "app_password": secrets.token_urlsafe(24),
        "redis_password": secrets.token_urlsafe(24),
        "setup_code": secrets.token_urlsafe(9),
    }


def _made(folder: Path, mode: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)
    return folder

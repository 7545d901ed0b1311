from pathlib import Path

import pytest


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `.local` of its own, with nothing of the session's services in the environment."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "ENCRYPTION_KEYS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "EGRESS_ALLOW", "REHEARSAL_URL", "SETUP_CODE", "PORT", "DEMO"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "local"
    monkeypatch.setenv("ROLLCALL_LOCAL", str(folder))
    return folder

"""Nothing in the repository says where packages are fetched from, and everything fetched is checked by its hash."""

import json
import re
import subprocess

import pytest
from plotly.offline import get_plotlyjs_version

from console.supervisor.state import ROOT

# In pieces, so that this file does not name them either.
REGISTRY_HOSTS = ("py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "registry." + "yarnpkg")
LOCKS = ("requirements.lock", "requirements-dev.lock", "tools/uv.lock", "tools/npm.lock")


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_the_host_of_a_package_registry() -> None:
    contents = ((name, (ROOT / name).read_bytes()) for name in tracked())
    naming = [name for name, content in contents if any(host.encode() in content for host in REGISTRY_HOSTS)]

    assert naming == []


def test_the_npm_lock_records_no_download_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()
    assert all(package["integrity"] for name, package in packages.items() if name)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_python_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert not re.search(r"https?:|file:|--index-url|--find-links", "\n".join(without_header(text)))
    assert len(re.findall(r"^\S+==", text, re.MULTILINE)) == len(
        re.findall(r"^\S+==[^\n]*\\\n +--hash=sha256:", text, re.MULTILINE)
    )


def without_header(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_the_development_lock_holds_the_runtime_lock() -> None:
    runtime, development = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS[:2]
    )

    assert runtime <= development


def test_the_chart_bundle_is_the_one_plotly_was_made_for() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert packages["node_modules/plotly.js-basic-dist-min"]["version"] == get_plotlyjs_version()

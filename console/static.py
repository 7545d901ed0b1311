"""Front-end files: only what the pages use of each npm package, served straight from `node_modules`."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import Storage as BaseStorage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class VendorFinder(FileSystemFinder):
    """Finds in a vendor folder what settings.VENDOR_FILES allows, and everything in our own.

    The packages refer to files they do not ship, so a full collectstatic fails on them.
    """

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, BaseStorage]]:
        return ((path, store) for path, store in super().list(ignore_patterns) if allowed(store.prefix, path))

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        found = super().find_location(root, path, prefix)
        return found if not prefix or allowed(prefix, path[len(prefix) + 1 :].replace("\\", "/")) else None


def allowed(prefix: str | None, path: str) -> bool:
    """Whether the pages use `path` of the vendor folder `prefix`; our own folders have no list."""
    patterns = settings.VENDOR_FILES.get(prefix or "")
    return patterns is None or any(fnmatch(path, pattern) for pattern in patterns)


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise is untyped
    """Hashed names and gzip; source maps are not shipped, so their comments are not followed."""

    patterns = tuple(
        (kind, tuple(rule for rule in rules if "sourceMappingURL" not in (rule if isinstance(rule, str) else rule[0])))
        for kind, rules in CompressedManifestStaticFilesStorage.patterns
    )

    def create_compressor(self, **options: Any) -> Compressor:
        return Compressor(**{**options, "use_brotli": False})

"""Writes `locale/<language>/LC_MESSAGES/django.po` from the strings in code and templates; keeps every translation.

    python tools/messages.py          update the catalogues, say what is missing
    python tools/messages.py --check  change nothing; exit 1 when a string is missing or no longer used

Django's makemessages needs GNU gettext; this needs Babel only (recipes: web §6).
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("es", "pt_BR")
SOURCES = ("agents", "audit", "campaigns", "console")
TEMPLATES = "templates"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_": None,
    "gettext_lazy": None,
    "phrase": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HEADERS = ("Project-Id", "Report-Msgid", "POT-Creation", "PO-Revision", "Last-Translator", "Language-Team", "Generated")
NOISE = tuple(f'"{name}' for name in HEADERS)
Found = tuple[str, int, str | tuple[str, ...], str | None]


def path_of(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def in_code() -> Iterator[Found]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts and "rehearsal" not in path.parts:
                yield from found("python", path, path.read_bytes())


def in_templates() -> Iterator[Found]:
    """Django turns a template into something that reads like a program; Babel's reader of JavaScript understands it."""
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    for path in sorted((ROOT / TEMPLATES).rglob("*.html")):
        yield from found("javascript", path, templatize(path.read_text(), origin=str(path)).encode())


def found(reader: str, path: Path, source: bytes) -> Iterator[Found]:
    where = path.relative_to(ROOT).as_posix()
    for line, message, _comments, context in extract(reader, BytesIO(source), KEYWORDS):
        yield where, line, message, context


def template() -> Catalog:
    """Every string of the console, once, with the files it is in (no lines: they would change with every edit)."""
    catalog = Catalog(charset="utf-8")
    for where, _line, message, context in [*in_code(), *in_templates()]:
        flags = ["python-format"] if "%" in str(message) else []
        catalog.add(message, locations=[(where, 0)], flags=flags, context=context)
    return catalog


def known(language: str) -> Catalog:
    """The catalogue as it is; an empty one for a language that has none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, wanted: Catalog) -> Catalog:
    """The language's catalogue with exactly the wanted strings. Nothing is guessed from a similar string."""
    catalog = known(language)
    catalog.update(wanted, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def untranslated(catalog: Catalog) -> list[Message]:
    return [each for each in catalog if each.id and (each.fuzzy or not all(texts(each)))]


def texts(message: Message) -> list[str]:
    """Its translations: one, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def save(catalog: Catalog, path: Path) -> None:
    """Without the header lines that change with every run or name nobody."""
    catalog.fuzzy, catalog.header_comment = False, "# Written by tools/messages.py; the translations are people's."
    buffer = BytesIO()
    write_po(buffer, catalog, width=110, include_lineno=False, sort_output=True)
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line for line in lines if not line.startswith(NOISE)))


def main(check: bool) -> int:
    wanted = template()
    left = 0
    for language in LANGUAGES:
        before = {(each.context, str(each.id)) for each in known(language) if each.id}
        catalog = updated(language, wanted)
        after = {(each.context, str(each.id)) for each in catalog if each.id}
        missing = untranslated(catalog)
        left += len(missing) + (len(before ^ after) if check else 0)
        print(f"{language}: {len(after)} strings, {len(missing)} not translated")
        if not check:
            save(catalog, path_of(language))
    return 1 if check and left else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))

"""Every string in English, Spanish and Brazilian Portuguese. Add yours with `python tools/messages.py`."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from pytest_django import Settings

from tests.cast import Cast
from tests.pages.conftest import SignIn
from tools import messages


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    return messages.template()


def ids(catalog: Catalog) -> set[str]:
    return {str(each.id) for each in catalog if each.id}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_catalogue_holds_exactly_the_strings_of_the_console(wanted: Catalog, language: str) -> None:
    assert ids(messages.known(language)) == ids(wanted)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_string_is_translated(language: str) -> None:
    assert [each.id for each in messages.untranslated(messages.known(language))] == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_no_translation_loses_a_placeholder(language: str) -> None:
    catalog = messages.known(language)
    found = {str(each.id): [str(error) for error in each.check(catalog)] for each in catalog}
    assert {key: errors for key, errors in found.items() if errors} == {}


def test_portuguese_is_not_spanish() -> None:
    spanish = re.compile(
        r"(?<!-)\b(el|los|las|y|del|al|hoy|nadie|ning[uú]n|más|también|según|qué|quién|aún|[a-z]+ción)\b"
    )
    texts = [str(each.string) for each in messages.known("pt_BR") if each.id]
    assert [text for text in texts if spanish.search(text.lower())] == []


@pytest.mark.parametrize(("code", "says"), [("es", "Nuevo agente"), ("pt-br", "Novo agente"), ("en", "New agent")])
def test_a_page_speaks_it(
    cast: Cast, sign_in: SignIn, settings: Settings, tmp_path: Path, code: str, says: str
) -> None:
    settings.LOCALE_PATHS = [compiled(tmp_path)]
    cast.owner.language = code
    cast.owner.save()
    assert f">{says}</a>" in sign_in(cast.owner).get("/agents/").content.decode()


def compiled(folder: Path) -> Path:
    for language in messages.LANGUAGES:
        path = folder / language / "LC_MESSAGES" / "django.mo"
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            write_mo(file, messages.known(language))
    return folder

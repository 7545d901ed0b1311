"""A version in other languages: an agent hears the words written for its language, and they are checked as the rest."""

import pytest

from agents.base.errors import Invalid
from campaigns.actions import begin_version, edit_draft
from campaigns.actions.probing import question_of
from campaigns.checks import problems
from campaigns.models import ContextAllowance, ContextVersion
from campaigns.rendering import render, renderings
from campaigns.saying import contradiction
from tests.campaigns.stage import a_draft, sent
from tests.cast import Cast
from tests.pages.conftest import SignIn, sign_in

__all__ = ["sign_in"]
pytestmark = pytest.mark.django_db

SPANISH = {
    "Early-bird ticket": "Entrada anticipada",
    "Group rate from five seats.": "Tarifa de grupo desde 5 plazas.",
    "cheapest": "el más barato",
}


def spoken_to(cast: Cast, version: ContextVersion, language: str) -> str:
    cast.agent.language = language
    return render(version, cast.agent, ContextAllowance()).text


def test_an_agent_is_told_the_words_of_its_language_and_the_rest_as_written(cast: Cast) -> None:
    version = a_draft(cast, wordings={"es": {"Early-bird ticket": "Entrada anticipada"}})
    spanish = spoken_to(cast, version, "es-MX")
    assert "Entrada anticipada" in spanish
    assert "Group rate from five seats." in spanish
    assert "Early-bird ticket" not in spanish
    assert "Entrada" not in spoken_to(cast, version, "en")
    assert question_of(version, "es") == "¿Cuánto cuesta «Entrada anticipada»?"


def test_a_language_is_missing_until_its_last_text_is_worded_and_again_when_one_is_rewritten(cast: Cast) -> None:
    cast.agent.language = "es"
    version = a_draft(cast, languages=["en"], wordings={"es": {"cheapest": "el más barato"}})

    def warned() -> list[str]:
        found = problems(version, renderings(version, [cast.agent]))
        return [problem.key for problem in found if problem.field == "languages"]

    assert warned() == ["language"]
    version = edit_draft(version, actor=cast.owner, wordings={"es": {**SPANISH, "Group rate from five seats.": "x"}})
    assert warned() == []
    version = edit_draft(version, actor=cast.owner, say=["Group rate from six seats."])
    assert warned() == ["language"]


def test_a_wording_is_checked_as_what_it_is_the_wording_of(cast: Cast) -> None:
    said = {
        "Early-bird ticket": "Entrada {nombre}",
        "From 5 seats 10 % off.": "El más barato: 399 USD",
        "cheapest": "más barato",
    }
    version = a_draft(cast, say=["From 5 seats 10 % off."], wordings={"es": said})
    found = {problem.key for problem in problems(version, renderings(version, [cast.agent]))}
    assert {"placeholder", "forbidden", "amount:399 USD", "numbers:es:El más barato: 399 USD"} <= found


def test_a_weekday_mistyped_in_one_wording_alone_is_stopped(cast: Cast) -> None:
    cast.agent.language = "es"
    text = "On sale until 30 March 2099."
    version = a_draft(cast, valid_to=None, say=[text], wordings={"es": {text: "Hasta el jueves 30 de marzo de 2099."}})
    assert [problem.key for problem in problems(version, renderings(version, [cast.agent]))] == [
        "weekday:jueves 30 de marzo de 2099"
    ]


def test_thousands_may_be_set_apart_as_the_language_does(cast: Cast) -> None:
    version = a_draft(cast, say=["Over 1,200 seats"], wordings={"es": {"Over 1,200 seats": "Más de 1.200 plazas"}})
    assert not [p for p in problems(version, []) if p.key.startswith("numbers")]


def test_what_an_agent_says_is_held_against_the_words_of_every_language(cast: Cast) -> None:
    version = a_draft(cast, wordings={"es": SPANISH})
    assert contradiction("La entrada anticipada cuesta 399 USD.", version) == "399 USD"
    assert contradiction("Somos el más barato.", version) == "el más barato"
    assert contradiction("La entrada anticipada cuesta 429 USD.", version) == ""


@pytest.mark.parametrize("wrong", [{"xx": {"a": "b"}}, {"es": ["a"]}, {"es": {"a": 1}}, {"es": {"a": ""}}, ["es"]])
def test_only_words_of_languages_we_know_are_taken(cast: Cast, wrong: object) -> None:
    with pytest.raises(Invalid) as caught:
        a_draft(cast, wordings=wrong)
    assert "wordings" in caught.value.fields


def test_the_next_version_begins_with_the_words_of_the_last(cast: Cast) -> None:
    older = sent(a_draft(cast, wordings={"es": SPANISH}), [cast.agent], cast.owner)
    assert begin_version(older.campaign, actor=cast.owner).wordings == {"es": SPANISH}


def test_the_form_shows_each_text_and_keeps_what_was_typed_when_somebody_was_faster(
    cast: Cast, sign_in: SignIn
) -> None:
    version, client = a_draft(cast, languages=["en"]), sign_in(cast.owner)
    path = f"/campaigns/{version.campaign_id}/in/es/"
    assert "0 of 3 texts" in client.get(f"/campaigns/{version.campaign_id}/").content.decode()
    typed = {f"text-{number}": words for number, words in enumerate(SPANISH.values())}
    assert client.post(path, {**typed, "revision": "1"}).status_code == 302
    version.refresh_from_db()
    assert (version.wordings["es"], version.revision) == (dict(zip(_sources(), SPANISH.values(), strict=True)), 2)
    late = client.post(path, {**typed, "text-0": "Boleto anticipado", "revision": "1"})
    assert late.status_code == 422
    assert "Boleto anticipado" in late.content.decode()
    assert "Somebody has edited this version" in late.content.decode()
    cleared = dict.fromkeys(typed, "")
    client.post(path, {**cleared, "revision": "2"})
    version.refresh_from_db()
    assert version.wordings == {}


def test_a_language_we_do_not_know_has_no_page(cast: Cast, sign_in: SignIn) -> None:
    version, client = a_draft(cast), sign_in(cast.owner)
    assert client.get(f"/campaigns/{version.campaign_id}/in/xx/").status_code == 404


def _sources() -> list[str]:
    return ["Early-bird ticket", "Group rate from five seats.", "cheapest"]

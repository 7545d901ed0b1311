"""Words as the checks see them: case and accents folded, look-alike forms unified."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

STOP_WORDS = {
    "en": "the and of to is you your for with that this are have has will be it we our can was not by from as or if "
    "please would on at an in they there been which their about",
    "es": "el la los las de que y en un una por con para su es se lo como más pero sus le ya este sí porque esta "
    "cuando muy sin sobre también hasta hay donde quien desde todo nos usted ustedes ha han del al",
    "pt": "o a os as de que e em um uma por com para seu sua é se não mais mas ao ele das à você vocês já este "
    "porque esta quando muito sem sobre também até há onde quem desde tudo nos foi são do da dos na no pelo pela ou",
}
COURTESY = (
    "thank thanks hello hi dear good morning afternoon evening day sorry apologies apologize regret inconvenience "
    "message contacting contact writing reaching out happy glad help assist let know tell us we i me need anything "
    "else any further more questions question regards best kind sincerely team welcome customer "
    "hola gracias mensaje escribirnos contactarnos comunicarse estimado estimada cliente buenos buenas dias tardes "
    "noches lamentamos lamento sentimos siento disculpe disculpas molestias diganos digame avisenos saber si necesita "
    "necesitas algo cualquier duda pregunta consulta quedamos atentos saludos cordiales cordialmente atentamente "
    "equipo ayudar ayudarle gusto "
    "ola obrigado obrigada pela sua mensagem contato entrar prezado prezada bom boa dia tarde noite sinto desculpe "
    "desculpas transtorno avise precisar alguma coisa qualquer estamos disposicao atenciosamente abracos equipe"
)
"""Words of greeting and thanks in the same languages; a sentence of these and stop words alone claims nothing."""
_INVISIBLE = re.compile("[\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ufeff]")


def folded(text: str) -> str:
    """`text` in lower case, without accents, invisible characters and compatibility forms (NFKD)."""
    plain = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def words(text: str) -> list[str]:
    """The folded words and numbers of `text`, in order."""
    return re.findall(r"\d+(?:[.,]\d+)*|[^\W\d_]+", folded(text))


@lru_cache(maxsize=1)
def stop_words() -> dict[str, frozenset[str]]:
    """Each language's commonest words, without those it shares with another language here."""
    own = {language: set(words(common)) for language, common in STOP_WORDS.items()}
    shared = {word for word in set().union(*own.values()) if sum(word in common for common in own.values()) > 1}
    return {language: frozenset(common - shared) for language, common in own.items()}


@lru_cache(maxsize=1)
def empty_words() -> frozenset[str]:
    """Stop words of every language and the words of courtesy."""
    return frozenset(words(" ".join([*STOP_WORDS.values(), COURTESY])))


def sentences(text: str) -> list[str]:
    """The sentences and lines of `text`; a marker such as “[p3]” after the full stop belongs to the one before."""
    parts = re.split(r"(?<=[.!?…])\s+(?!\[)|(?<=\])\s+(?=[^\W\d_a-z]|[¿¡])|\n+", text)
    return [part.strip(" \t-*•") for part in parts if part.strip(" \t-*•")]

"""The one renderer for what others wrote: agents, customers, vendors. Always hostile (guarantees.md §3.E, G37).

Markdown without HTML, then an allow-list, then every invisible character made visible. No images, styles, forms, nor
attributes of ours; a link is https or http and names its host. Nothing is hidden: what has no rendering stays as text,
but for personal data while those are masked (`personal`).
"""

import html
import re
from collections.abc import Iterable, Iterator
from functools import cache
from urllib.parse import urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agents.base.personal import told

LIMIT = 20_000
"""Characters shown; the rest is counted."""
BUSY, LINES = 1_000, 1_000
"""Markup characters and lines up to which markdown is parsed: its worst cases cost seconds. Beyond, text is plain."""
NESTING = 24
TAGS = {"p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h4", "h5", "h6"}
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
# Control, format, filler and variation characters. A joiner between two emoji is what it seems to be.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    f"|(?<![{EMOJI}])[\u200d\ufe0f]|\u200d(?![{EMOJI}])|(?<=\ufe0f)\ufe0f|(?<=\u200d)\u200d"
)
MARKUP = re.compile(r"[\[\]*_`<!&\\]")


def render_untrusted(text: str, limit: int = LIMIT) -> SafeString:
    """`text` as HTML that cannot run, load, lure or hide anything; at most `limit` characters of it, in ≤ 200 ms."""
    shown = told(text[:limit]).replace("\r\n", "\n")
    busy = len(MARKUP.findall(shown)) > BUSY or shown.count("\n") > LINES
    rendered = _plain(shown) if busy else _markdown(shown)
    clean = nh3.clean(
        rendered,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    note = f"<p><em>{html.escape(_cut(text, limit))}</em></p>" if len(text) > limit else ""
    return mark_safe(_visible(clean) + note)


def plain_untrusted(text: str, limit: int = LIMIT) -> str:
    """`text` without any markup, for one line or an attribute; templates and `format_html` still have to escape it."""
    note = f" {_cut(text, limit)}" if len(text) > limit else ""
    return _visible(told(text[:limit]).replace("\r\n", "\n")) + note


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return INVISIBLE.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", text)


def _cut(text: str, limit: int) -> str:
    more = len(text) - limit
    return ngettext("… %(n)d character more", "… %(n)d characters more", more) % {"n": more}


def _plain(text: str) -> str:
    return "".join(f"<p>{html.escape(part)}</p>".replace("\n", "<br>") for part in re.split(r"\n{2,}", text))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": NESTING})
    # A reference definition would vanish from sight, an image would load; a link that is not one stays readable.
    parser.disable(["reference", "image"])
    parser.validateLink = _may_link  # type: ignore[method-assign]
    return parser


def _may_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _markdown(text: str) -> str:
    parser = _parser()
    tokens = parser.parse(text)
    # At its deepest level the parser drops what is inside.
    if any(token.level >= NESTING - 2 for token in tokens):
        return _plain(text)
    return str(parser.renderer.render(list(_tamed(tokens)), parser.options, {}))


def _tamed(tokens: Iterable[Token]) -> Iterator[Token]:
    """Headings below those of the page, the host after every link, and the words after a code fence kept in sight."""
    hosts: list[str] = []
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 3, 6)}"
        if token.type == "fence" and token.info:
            token.content, token.info = f"{token.info}\n{token.content}", ""
        if token.children:
            token.children = list(_tamed(token.children))
        if token.type == "link_open":
            hosts.append(urlsplit(str(token.attrs["href"])).netloc)
        if token.type == "link_close" and hosts:
            yield Token("text", "", 0, content=f" ({hosts.pop()})")
        yield token

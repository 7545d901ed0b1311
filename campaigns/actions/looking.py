"""Looking whether links answer, through the one HTTP door, before anybody is told of them."""

import asyncio

from django.utils import timezone

from agents.base import http
from agents.base.errors import Invalid
from campaigns.checks.links import DEAD, MOVED, MUTE, addresses, seen
from campaigns.models import CheckedLink, ContextVersion

PATIENCE_S = 5.0
GONE = {404, 410}
PROBLEMS = {"redirected": MOVED, "blocked_address": DEAD, "unreachable": MUTE, "timeout": MUTE, "breaker_open": MUTE}
"""What the door's refusals say of a link; whatever else it refuses has answered. One that cannot be reached may be
fine: the console may have no way out."""


def look_at_links(version: ContextVersion) -> None:
    """Asks every address that nobody has looked at lately, all at once; never in a transaction."""
    known = seen(version)
    unknown = [link for link in addresses(version) if link not in known and _may_ask(link)]
    if not unknown:
        return
    found = asyncio.run(_ask_all(unknown))
    rows = [
        CheckedLink(team=version.campaign.team, url=link, problem=problem, checked_at=timezone.now())
        for link, problem in zip(unknown, found, strict=True)
    ]
    CheckedLink.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["team", "url"], update_fields=["problem", "checked_at"]
    )


def _may_ask(link: str) -> bool:
    try:
        return bool(http.check_url(link)) and len(link) <= 500
    except Invalid:
        return False


async def _ask_all(links: list[str]) -> list[str]:
    async with http.session(limit=20) as session:
        return list(await asyncio.gather(*(_problem(session, link) for link in links)))


async def _problem(session: http.Session, link: str) -> str:
    try:
        reply = await http.fetch(session, "GET", link, deadline=PATIENCE_S)
    except http.OutboundError as refused:
        return PROBLEMS.get(refused.code, "")
    if reply.status in GONE:
        return DEAD
    return MUTE if reply.status >= 500 else ""

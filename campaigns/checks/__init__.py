"""What is wrong with a version before anybody is told: errors block, warnings are signed for."""

from campaigns.checks.dates import dates
from campaigns.checks.languages import languages
from campaigns.checks.links import links
from campaigns.checks.others import contradictions, price
from campaigns.checks.problem import Problem
from campaigns.checks.sizes import sizes
from campaigns.checks.words import amounts, words
from campaigns.models import CampaignRules, ContextVersion, Rendering
from campaigns.wordings import every_wording

__all__ = ["Problem", "problems"]


def problems(version: ContextVersion, renderings: list[Rendering]) -> list[Problem]:
    """Everything wrong with the version for these agents, errors first, each once."""
    agents = [rendering.agent for rendering in renderings]
    team = version.campaign.team_id
    rules = CampaignRules.objects.filter(team=team).first() or CampaignRules()
    found = [*dates(version, renderings), *links(version, rules)]
    found += [problem for each in every_wording(version) for problem in (*words(each, rules), *amounts(each))]
    found += [*sizes(renderings), *price(version), *contradictions(version, agents), *languages(version, agents)]
    return sorted(dict.fromkeys(found), key=lambda problem: problem.level)

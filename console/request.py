"""The request as a page of the pane gets it: `SignInMiddleware` let nobody through without a person and a team."""

from django.http import HttpRequest

from agents.people.models import Team, User


class PaneRequest(HttpRequest):
    """For type checking: `user` is signed in, `team` is the company they look at."""

    user: User
    team: Team

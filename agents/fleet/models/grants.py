"""guardian's direct-key grants, derived from AgentOwner and Membership by `permissions.sync_grants`, never typed."""

from django.db import models
from guardian.models import UserObjectPermissionBase

from agents.base.ids import uuid7
from agents.fleet.models.agents import Agent


class AgentUserGrant(UserObjectPermissionBase):
    """One verb of one person on one agent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    content_object = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="user_grants")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()

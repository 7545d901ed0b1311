"""Campaign → ContextVersion → Broadcast → Delivery → Receipt, one noun a file."""

from campaigns.models.approvals import Approval
from campaigns.models.campaigns import Campaign, ContextAllowance, ContextVersion, DraftEditor, Rendering
from campaigns.models.deliveries import Broadcast, BroadcastRequest, ContextUse, Delivery, Exclusion, Receipt
from campaigns.models.inforce import Redo, Watermark
from campaigns.models.rules import CampaignRules, CheckedLink

__all__ = [
    "Approval",
    "Broadcast",
    "BroadcastRequest",
    "Campaign",
    "CampaignRules",
    "CheckedLink",
    "ContextAllowance",
    "ContextUse",
    "ContextVersion",
    "Delivery",
    "DraftEditor",
    "Exclusion",
    "Receipt",
    "Redo",
    "Rendering",
    "Watermark",
]

"""Campaign → ContextVersion → Broadcast → Delivery → Receipt, one noun a file."""

from campaigns.models.campaigns import Campaign, ContextAllowance, ContextVersion, Rendering
from campaigns.models.deliveries import Broadcast, BroadcastRequest, ContextUse, Delivery, Receipt

__all__ = [
    "Broadcast",
    "BroadcastRequest",
    "Campaign",
    "ContextAllowance",
    "ContextUse",
    "ContextVersion",
    "Delivery",
    "Receipt",
    "Rendering",
]

"""What the trail may say of campaigns, broadcasts and deliveries."""

from django.utils.translation import gettext_lazy as _

from audit.verbs import register

CAMPAIGN_CREATED = register("campaign.created", _("Created the campaign"))
DRAFT_EDITED = register("version.edited", _("Edited a version"))
VERSION_DRAFTED = register("version.drafted", _("Began a version"))
VERSION_VALIDATED = register("version.validated", _("Validated a version"))
VERSION_LIVE = register("version.went_live", _("Took a version live"))
VERSION_SUPERSEDED = register("version.superseded", _("Replaced a version"))
VERSION_ENDED = register("version.ended", _("Ended a version"))
VERSION_APPROVED = register("version.approved", _("Approved a version as the second person"))
BROADCAST_RELEASED = register("broadcast.released", _("Let a broadcast go on after its canaries"))
BROADCAST_SENT = register("broadcast.sent", _("Broadcast a version"))
BROADCAST_RECALLED = register("broadcast.recalled", _("Recalled a broadcast"))
BROADCAST_ASKED = register("broadcast.asked", _("Asked an owner to broadcast"))
BROADCAST_DECLINED = register("broadcast.declined", _("Declined to broadcast"))
RECEIPT_TAKEN = register("delivery.receipt", _("Took a receipt"))
PROBE_FAILED = register("delivery.probe_failed", _("Did not hear the price from an agent"))
DELIVERY_RETRIED = register("delivery.retried", _("Let a delivery try again"))
ALLOWANCE_SET = register("allowance.set", _("Set what context an agent takes"))
RULES_SET = register("campaign_rules.set", _("Set what every campaign must keep to"))

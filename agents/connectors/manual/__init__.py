"""The agent with no interface at all: a person looks, copies and ticks, and every minute of that is counted."""

from agents.connectors.contract import Adapter, Capability
from agents.connectors.enums import Method, Way
from agents.fleet.enums import Vendor

BY_HAND = Capability(Way.MANUAL)


class Manual(Adapter):
    """Its reports are check-ins (`actions.check_ins`), its context is copied by hand."""

    vendor = Vendor.MANUAL
    declared = {
        Method.RECEIVE: BY_HAND,
        Method.PUSH_CONTEXT: BY_HAND,
        Method.CONFIRM: BY_HAND,
        Method.ANSWER: BY_HAND,
        Method.PAUSE: BY_HAND,
        Method.RESUME: BY_HAND,
        Method.DEEP_LINK: BY_HAND,
    }

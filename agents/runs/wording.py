"""The engine's own words, which it keeps in English because it knows no Django, as phrases."""

from agents.base.phrases import phrase

REASONS = (
    phrase("start"),
    phrase("always"),
    phrase("branch of %(node)s", "node"),
    phrase("the flow failed after it"),
    phrase("checkpoint after %(n)s steps"),
    phrase("entries written: %(n)s, in conflict: %(conflicts)s"),
)
QUESTIONS = (
    phrase("Did “%(node)s” take effect?", "node"),
    phrase("It was announced and perhaps sent; no confirmation arrived. %(error)s"),
    phrase("It was announced and perhaps sent; no confirmation arrived."),
    phrase("“%(node)s” has run on another input", "node"),
    phrase("The flow or its data changed since. What was recorded stays as it is."),
    phrase("The budget does not cover “%(node)s”", "node"),
)
ANSWERS = (
    phrase("Outcome"),
    phrase("Output"),
    phrase("Reply"),
    phrase("It happened"),
    phrase("It did not: send it again"),
    phrase("Give it up"),
    phrase("Go on with what was recorded"),
    phrase("Stop this run"),
    phrase("The budget was raised: try again"),
    phrase("Go on all the same"),
    phrase("The work has drifted from its constraints"),
)
EVIDENCE = (
    phrase("too few words to tell the language"),
    phrase("%(n)s characters"),
    phrase("e-mail address %(masked)s"),
    phrase("card number %(masked)s"),
    phrase("phone number %(masked)s"),
)

CUSTOMER_NEEDS_PERSON = phrase("A customer needs a person: %(run)s")
ANGRY_CUSTOMER = phrase("The customer is furious: %(said)s.")
WANTS_EMPATHY = phrase("The customer speaks of “%(said)s”: this needs a person, however sure the agent is.")
ANSWER_PERSONALLY = phrase("Answer personally and soon; acknowledge what went wrong first.")
NOTHING_TRIED = phrase("nothing")
LEGAL_RISK = phrase("What %(agent)s sent touches the law")
SAMPLE = phrase("Drawn by lot: was this right?")
RUN_FAILED = phrase("%(run)s failed")
IN_QUARANTINE = phrase("%(run)s is in quarantine")
DEATHS = phrase("%(deaths)s workers died on it at the same step")
WORKER_DIED = phrase("its worker died")
AGENT_RETIRED = phrase("its agent is retired")
GAVE_WAY = phrase("gave others a turn")
PAUSED = phrase("paused")
TRIES_LATER = phrase("tries a step again later")
WAITS_FOR_THAW = phrase("waits until its agent may change things again: %(reason)s")
STOPPED = phrase("stopped by a person: %(reason)s")
LOST_DATABASE = phrase("lost the database for a moment")
RUN_CANCELLED = phrase("The run was cancelled.")
RELEASED = phrase("Released from quarantine.")
NOBODY_DECIDED = phrase("nobody decided in time")
CHANGED_SINCE = phrase("what would have happened was no longer what was decided")
COULD_NOT_LEAVE = phrase("what was decided could not be carried out; the log says why")
AUTHOR_MAY_NOT = phrase("its author may no longer decide this")
NIGHT_MISSED = phrase("%(agent)s did not start its night")
DAY_ESCALATED = phrase("%(person)s escalated the day of %(agent)s")
OWNERS_FOUND = phrase("A primary owner and one more are appointed.")
OWNER_WANTED = phrase("%(agent)s needs a new owner")
OWNER_LEFT = phrase("%(person)s can no longer sign in.")
OWNER_ACTS = phrase("%(person)s acts until somebody is appointed.")
EVERYBODY_AWAY = phrase("%(person)s is away until %(last)s, and nobody else who answers for it is there all that time.")
LONG_AWAY = phrase("%(person)s is away until %(last)s: one person alone answers for it meanwhile.")
NOBODY_ACTS = phrase("Nobody could take the seat; the agent is paused.")
NO_BUDGET = phrase("No budget covers this agent: nothing is assigned to it.")
OTHER_CURRENCY = phrase("The budget is in %(budget)s, the price in %(price)s.")
BUDGET_SHORT = phrase("%(scope)s: %(used)s of %(cap)s are spent or reserved; %(amount)s more do not fit.", "scope")
SCOPES = (phrase("Run"), phrase("Agent and day"), phrase("Team and day"))

BREAKER_OPEN = phrase("%(failed)s of its last %(n)s runs failed")
BREAKER_AGAIN = phrase("the first run after it was resumed failed")
BREAKER_TITLE = phrase("%(agent)s is paused: too many of its runs fail")
BREAKER_DETAIL = phrase(
    "Find out why before you resume it: the first run that ends then decides whether it goes on or is paused again. "
    "Close this to let it go on without that trial."
)
BREAKER_CLOSED = phrase("A run ended well after it was resumed.")
BYPASSED = phrase("Let through without review: %(reason)s")
INCIDENT_PAUSES = phrase("Incident %(number)s: %(title)s")
RUNBOOK = (
    phrase("Pause the agents, if they may do it again."),
    phrase("Find the first step that went wrong, on the graph of the run."),
    phrase("Find who else is affected: the same version, context or tool."),
    phrase("Put right what reached customers, and tell them."),
    phrase("Change what caused it, and run what failed again."),
    phrase("Resume the agents, and look at their next runs."),
)
"""What is done about an incident until the team writes its own."""

"""The engine's own words, which it keeps in English because it knows no Django, as phrases."""

from agents.base.phrases import phrase

REASONS = (phrase("start"), phrase("always"), phrase("branch of %(node)s", "node"), phrase("the flow failed after it"))
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
    phrase("It happened"),
    phrase("It did not: send it again"),
    phrase("Give it up"),
    phrase("Go on with what was recorded"),
    phrase("Stop this run"),
    phrase("The budget was raised: try again"),
)
EVIDENCE = (
    phrase("too few words to tell the language"),
    phrase("%(n)s characters"),
    phrase("e-mail address %(masked)s"),
    phrase("card number %(masked)s"),
    phrase("phone number %(masked)s"),
)

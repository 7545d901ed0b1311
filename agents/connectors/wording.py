"""What is stored about agents elsewhere, as phrases."""

from agents.base.phrases import phrase

NOT_REACHED = phrase("%(agent)s cannot be reached")
SYNCED_AGAIN = phrase("The next sync succeeded.")
GONE_SILENT = phrase("%(agent)s has gone silent")
TOO_QUIET = phrase("Nothing has come from it for longer than it is ever quiet.")
HEARD_AGAIN = phrase("It has reported again.")
WENT_ON = phrase("It went on without an answer from here.")
NOT_ANSWERED = phrase("%(agent)s did not get its answer")
NOT_SWITCHED = phrase("The switch of %(agent)s at its vendor could not be moved")
LOOK = phrase("Look at what %(agent)s did")
HOW_TO_LOOK = phrase("It has no interface: open its own page, look, and write down what you saw.")
LOOKED, SAW = phrase("I looked at its page"), phrase("What you saw")
MINUTES = phrase("Minutes it took")
CHECKED_IN = phrase("Check-in of %(day)s")

LACKS_OPTION = phrase("The connection lacks its “%(name)s”.")
NOT_JSON = phrase("Its answer is not JSON.")
NOT_READ = phrase("Its answer cannot be read.")
LACKS_PART = phrase("Its answer lacks “%(name)s”.")
NO_LIST = phrase("Its answer holds no list where one is documented.")
LED_AWAY = phrase("Its answer leads somewhere else for the next page.")
NO_CREDENTIALS = phrase("It does not accept our credentials (%(status)s).")
SLOW_DOWN = phrase("It asks us to slow down (%(status)s).")
OWN_FAILURE = phrase("It has a failure of its own (%(status)s).")
REFUSES = phrase("It refuses what we ask (%(status)s).")
READ_AND_ANSWER = phrase("Read its run, then answer yourself: its agent suggests nothing.")

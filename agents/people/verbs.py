"""What the trail may say about people."""

from django.utils.translation import gettext_lazy as _

from audit.verbs import register

TEAM_CREATED = register("team.created", _("Created the team"))
INVITED = register("invitation.created", _("Invited"))
INVITATION_ACCEPTED = register("invitation.accepted", _("Accepted the invitation"))
INVITATION_REVOKED = register("invitation.revoked", _("Revoked the invitation"))
MEMBER_ADDED = register("member.added", _("Joined the team"))
MEMBER_REMOVED = register("member.removed", _("Left the team"))
ROLE_CHANGED = register("member.role_changed", _("Changed the role"))
TOKEN_CREATED = register("token.created", _("Created an API token"))
TOKEN_REVOKED = register("token.revoked", _("Revoked an API token"))
PREFERENCES_SET = register("user.preferences_set", _("Changed their preferences"))
ABSENCE_DECLARED = register("absence.declared", _("Declared days away"))
ABSENCE_BEGAN = register("absence.began", _("Went away"))
ABSENCE_ENDED = register("absence.ended", _("Is back, or stays"))
AVAILABILITY_SET = register("availability.set", _("Said when they work and what they answer for"))
DEACTIVATED = register("user.deactivated", _("Revoked sign-in"))
REACTIVATED = register("user.reactivated", _("Gave sign-in back"))
SIGNED_IN = register("user.signed_in", _("Signed in"))
SIGN_IN_FAILED = register("user.sign_in_failed", _("Failed to sign in"))
LOCKED_OUT = register("user.locked_out", _("Was locked out after too many tries"))
SIGNED_OUT = register("user.signed_out", _("Signed out"))
CREDENTIALS_TAKEN = register("user.credentials_taken", _("Made a link to a new password, and took the old one away"))
PASSWORD_CHANGED = register("user.password_changed", _("Changed their password"))
FACTOR_ADDED = register("factor.added", _("Added a second factor"))
FACTOR_REMOVED = register("factor.removed", _("Removed a second factor"))
CODES_MADE = register("recovery_codes.made", _("Made new recovery codes"))
PERSONAL_REVEALED = register("personal.revealed", _("Had personal data shown"))
REFUSED = register("access.refused", _("Was refused"))

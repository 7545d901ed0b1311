"""A live agent has at least two active owners, checked at commit (recipes: database §3; each part is needed)."""

from django.conf import settings
from django.db import migrations

# A seat pins its person only when it is new to them: a change of role is seen by their deactivation's own check, and
# pinning it (a primary made second) would lock people after agents, and deadlock.
# Split into single statements: a prepared statement takes no more than one.
FORWARD = """
CREATE FUNCTION fleet_check_two_owners(p_agents uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE short text;
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'owners may not change under repeatable read' USING ERRCODE = '25001';
  END IF;
  PERFORM 1 FROM fleet_agent WHERE id = ANY(p_agents) ORDER BY id FOR NO KEY UPDATE;
  SELECT string_agg(a.slug, ', ' ORDER BY a.slug) INTO short FROM fleet_agent a
  WHERE a.id = ANY(p_agents) AND a.lifecycle = 'live' AND 2 > (
    SELECT count(DISTINCT o.user_id) FROM fleet_agentowner o JOIN people_user u ON u.id = o.user_id
    WHERE o.agent_id = a.id AND u.is_active AND o.role IN ('primary', 'second', 'backup'));
  IF short IS NOT NULL THEN
    RAISE EXCEPTION 'live agents need two active owners: %', short
      USING ERRCODE = '23514', CONSTRAINT = 'agent_two_owners', TABLE = 'fleet_agentowner', DETAIL = short;
  END IF;
END $$;;
CREATE FUNCTION fleet_owner_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM fleet_check_two_owners(ARRAY[OLD.agent_id]); RETURN NULL; END $$;;
CREATE FUNCTION fleet_agent_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM fleet_check_two_owners(ARRAY[NEW.id]); RETURN NULL; END $$;;
CREATE FUNCTION fleet_user_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM fleet_check_two_owners(ARRAY(SELECT agent_id FROM fleet_agentowner WHERE user_id = NEW.id));
  RETURN NULL;
END $$;;
CREATE FUNCTION fleet_owner_pin_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM 1 FROM people_user WHERE id = NEW.user_id FOR SHARE; RETURN NEW; END $$;;
CREATE TRIGGER agent_owner_pin_user BEFORE INSERT ON fleet_agentowner
  FOR EACH ROW EXECUTE FUNCTION fleet_owner_pin_user();;
CREATE TRIGGER agent_owner_pin_changed BEFORE UPDATE ON fleet_agentowner FOR EACH ROW
  WHEN (OLD.user_id <> NEW.user_id OR OLD.agent_id <> NEW.agent_id)
  EXECUTE FUNCTION fleet_owner_pin_user();;
CREATE CONSTRAINT TRIGGER agent_two_owners AFTER UPDATE OR DELETE ON fleet_agentowner
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fleet_owner_changed();;
CREATE CONSTRAINT TRIGGER agent_two_owners AFTER INSERT OR UPDATE OF lifecycle ON fleet_agent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.lifecycle = 'live') EXECUTE FUNCTION fleet_agent_changed();;
CREATE CONSTRAINT TRIGGER agent_two_owners AFTER UPDATE OF is_active ON people_user
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active)
  EXECUTE FUNCTION fleet_user_changed()
"""
BACKWARD = [
    "DROP TRIGGER agent_two_owners ON people_user",
    "DROP TRIGGER agent_two_owners ON fleet_agent",
    "DROP TRIGGER agent_two_owners ON fleet_agentowner",
    "DROP TRIGGER agent_owner_pin_changed ON fleet_agentowner",
    "DROP TRIGGER agent_owner_pin_user ON fleet_agentowner",
    "DROP FUNCTION fleet_owner_pin_user(), fleet_user_changed(), fleet_agent_changed(), fleet_owner_changed()",
    "DROP FUNCTION fleet_check_two_owners(uuid[])",
]


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [migrations.RunSQL(FORWARD.split(";;"), BACKWARD)]

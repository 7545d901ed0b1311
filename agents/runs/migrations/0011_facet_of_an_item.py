"""What the queue's filters ask of an item's exception, beside its rank: one index answers them among a million."""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION runs_set_facet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- What is put in by the statement that puts in its exception cannot see it, and says its facet itself.
  NEW.facet := coalesce((
    SELECT concat_ws(' ', kind, severity, CASE WHEN step_key <> '' THEN 'waits' END)
    FROM runs_runexception WHERE id = NEW.exception_id), NEW.facet);
  RETURN NEW;
END $$;;
CREATE FUNCTION runs_facet_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE runs_reviewitem SET facet = '' WHERE exception_id = NEW.id; RETURN NULL; END $$;;
CREATE TRIGGER item_facet BEFORE INSERT OR UPDATE OF facet, exception_id ON runs_reviewitem
  FOR EACH ROW EXECUTE FUNCTION runs_set_facet();;
CREATE TRIGGER exception_facet AFTER UPDATE OF kind, severity, step_key ON runs_runexception FOR EACH ROW
  WHEN ((OLD.kind, OLD.severity, OLD.step_key) IS DISTINCT FROM (NEW.kind, NEW.severity, NEW.step_key))
  EXECUTE FUNCTION runs_facet_changed();;
UPDATE runs_reviewitem SET facet = '' WHERE state <> 'decided'
"""
BACKWARD = [
    "DROP TRIGGER exception_facet ON runs_runexception",
    "DROP TRIGGER item_facet ON runs_reviewitem",
    "DROP FUNCTION runs_facet_changed(), runs_set_facet()",
]


class Migration(migrations.Migration):
    dependencies = [("runs", "0010_threshold_kind")]

    operations = [
        migrations.AddField(
            model_name="reviewitem",
            name="facet",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=40),
        ),
        migrations.AddIndex(
            model_name="reviewitem",
            index=models.Index(
                condition=models.Q(models.Q(("state", "decided"), _negated=True), ("exception__isnull", False)),
                fields=["agent", "facet", "-rank", "id"],
                name="item_of_facet",
            ),
        ),
        migrations.RunSQL(FORWARD.split(";;"), BACKWARD),
    ]

"""Many new tables in one migration."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState


class NewTables(Migration):
    """A migration of `CreateModel`, and of SQL that asks no model, for which the models are drawn once.

    Django draws every model that is related to a new one anew, table by table: most of the time of a first start.
    """

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """Tell the state of all, then make the tables."""
        before = project_state.clone()
        project_state.__dict__.pop("apps", None)  # a cached property: drawn when it is next asked for
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for operation in self.operations:
            operation.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state

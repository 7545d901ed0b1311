"""The figures of the pane, each defined once; all are counted from rows."""

"""SQL and no decisions: schema, migrations, one named function per question."""

"""The local write-ahead spool: what must not be lost is here first, then in PostgreSQL, exactly once and in order."""

"""Store: the database. Tables, queries, migrations, the ledger; SQLite and PostgreSQL with the same code."""

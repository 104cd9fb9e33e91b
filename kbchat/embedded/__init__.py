"""Embedded Postgres and Redis, and the supervisor behind the one command. Plain Python; knows nothing of
Django.

The doors: `cluster.attach_or_start`, `supervisor.Supervisor`, `lifeline.Lifeline`,
`database.ensure_database`, `dumping.write_dump` and `restore_dump`, `errors.EmbeddedError`.
"""

"""The command line: reads arguments, calls one verb, prints. No SQL, no SMTP, no rule of the trade."""

from digest.cli.app import main

__all__ = ["main"]

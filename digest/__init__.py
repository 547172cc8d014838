"""Digest: a week of health news as one trustworthy email, delivered exactly once."""

__version__ = "0.1.0"

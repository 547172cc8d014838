"""Gather: sources become articles and stories. The only code that opens news sources."""

"""Newsroom: articles become stories, stories become an edition. Pure: no clock, no network, no files, no random."""

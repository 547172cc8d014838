"""Telling: articles about the same news made into one story, each line of which can be traced. Pure; newsroom."""

from digest.newsroom.telling.piece import Piece
from digest.newsroom.telling.tell import Told, story_of, tell

__all__ = ["Piece", "Told", "story_of", "tell"]

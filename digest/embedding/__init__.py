"""Sentence embeddings: texts → their meanings. Edge; needs the extra `embeddings`."""

from digest.embedding.embedder import Embedder
from digest.embedding.model import missing

__all__ = ["Embedder", "missing"]

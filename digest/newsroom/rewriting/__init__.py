"""Rewriting: what a machine is asked about a story, and what of its answer is fit to print. Pure; newsroom."""

from digest.newsroom.rewriting.judgement import judged, kept
from digest.newsroom.rewriting.prompt import SHAPE, Prompt, prompt

__all__ = ["SHAPE", "Prompt", "judged", "kept", "prompt"]

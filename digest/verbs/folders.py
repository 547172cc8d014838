"""Folders of story files among the sources: read with those of the workspace, written back where they lie. Hall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from digest.errors import InputError
from digest.gather.folder import StoryFile, read_stories
from digest.gather.source import Source
from digest.model import Story
from digest.newsroom.text import slug
from digest.verbs.parts import Parts


def story_folders(parts: Parts) -> list[tuple[Source, Path]]:
    """The folders among the sources, as they lie in the workspace; the stories folder itself is none of them."""
    home = parts.stories_folder.resolve()
    folders = ((source, parts.workspace / source.url) for source in parts.gathering.sources if source.kind == "folder")
    return [(source, path) for source, path in folders if path.resolve() != home]


def folder_stories(parts: Parts) -> list[StoryFile]:
    """The story files of all of them, good or bad. Each story's id begins with its source's name, so that two folders
    may have files of one name; a folder that cannot be listed comes as one bad file."""
    return [file for source, path in story_folders(parts) for file in _files(source, path)]


def _files(source: Source, path: Path) -> Iterator[StoryFile]:
    try:
        files = read_stories(path)
    except InputError as fault:
        yield StoryFile(path, None, fault)
        return
    for file in files:
        yield replace(file, parsed=replace(file.parsed, story=_of(source, file.parsed.story))) if file.parsed else file


def _of(source: Source, story: Story) -> Story:
    """What the source's table says stands where the file says nothing."""
    articles = tuple(replace(article, outlet=article.outlet or source.outlet) for article in story.articles)
    return replace(
        story, id=f"{slug(source.name)}-{story.id}", topic=story.topic or source.topic, articles=articles
    )  # fmt: skip

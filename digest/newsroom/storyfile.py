"""Story files, read and written: the newsroom's counter for whoever has a file in hand. Pure (newsroom).

Reading is in `storyreading` (Markdown with front matter) and `page` (pasted pages), writing in `storywriting`.
"""

from digest.newsroom.page import read_story
from digest.newsroom.parsed import Parsed
from digest.newsroom.storyreading import KEYS, parse_story_file
from digest.newsroom.storywriting import format_story_file
from digest.newsroom.text import slug

__all__ = ["KEYS", "Parsed", "format_story_file", "parse_story_file", "read_story", "slug"]

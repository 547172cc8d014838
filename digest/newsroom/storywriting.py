"""Stories written as story files: what `story add` leaves in the folder for an editor. Pure (newsroom)."""

from __future__ import annotations

from typing import Any

import yaml

from digest.model import Article, Coverage, Evidence, KeyPoint, Quantity, Story
from digest.newsroom.evidence import read_evidence
from digest.newsroom.parsed import story_text


def format_story_file(story: Story) -> str:
    """The story file that reads back as this story, its id and origin apart (those are the file's name)."""
    head = yaml.safe_dump(
        _front_matter(story), sort_keys=False, allow_unicode=True, width=1_000_000, default_flow_style=False
    )
    return f"---\n{head}---\n" + (f"\n{story.body}\n" if story.body else "")


def _front_matter(story: Story) -> dict[str, Any]:
    """Only what is not a default, in the order in which an editor reads it."""
    head: dict[str, Any] = {
        "headline": story.headline,
        "summary": story.summary,
        "topic": story.topic,
        "date": story.day,
        "added": story.added,
        "not_before": None if story.not_before is None else story.not_before.isoformat(),
        "pinned": story.pinned,
        "dropped": story.dropped,
        "weight": story.weight,
        "update_of": story.update_of,
        "update_from": story.update_from,
        "machine_written": story.machine_written,
        "key_points": [_key_point(point) for point in story.key_points],
        "coverage": _coverage(story.coverage),
        "articles": [_article(article) for article in story.articles],
    }
    head = _said(head)
    head |= _said({"evidence": _evidence(story.evidence, read_evidence(story_text(story)))})
    if story.articles_total != len(story.articles):
        head["articles_total"] = story.articles_total
    return head


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in (None, False, 0, [], {}, "")}


def _key_point(point: KeyPoint) -> str | dict[str, Any]:
    return point.text if point.source is None else {"text": point.text, "source": point.source}


def _article(article: Article) -> dict[str, Any]:
    return _said(
        {
            "title": article.title,
            "outlet": article.outlet,
            "url": article.url,
            "published": article.published,
            "excerpt": article.excerpt,
            "copy_of": article.copy_of,
            "text_by": article.text_by,
        }
    )


def _coverage(coverage: Coverage) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if coverage.counts is not None:
        counts = coverage.counts
        fields = {"left": counts.left, "center": counts.center, "right": counts.right, "unrated": counts.unrated}
    elif coverage.reported is not None:
        reported = coverage.reported
        fields["percent"] = {"left": reported.left, "center": reported.center, "right": reported.right}
    factuality = coverage.factuality or dict(coverage.factuality_counts)
    fields |= _said({"factuality": factuality, "raters": list(coverage.raters)})
    assumed = coverage.raters if coverage.factuality_counts else ()
    return fields | (
        {} if coverage.factuality_raters == assumed else {"factuality_raters": [*coverage.factuality_raters]}
    )


def _evidence(evidence: Evidence, detected: Evidence) -> dict[str, Any]:
    """What is known, and null for what the words alone would say but an editor does not."""
    said, read = evidence_words(evidence), evidence_words(detected)
    return {key: value for key, value in said.items() if value is not None or read[key] is not None}


def evidence_words(evidence: Evidence) -> dict[str, Any]:
    """Evidence as front matter spells it, every key; None for what is not known."""
    ids = evidence.identifiers
    return {
        "study_type": None if evidence.study_type == "unknown" else evidence.study_type,
        "trials": evidence.trials,
        "participants": _quantity(evidence.participants),
        "publisher": evidence.publisher,
        "doi": ids.doi,
        "pmid": ids.pmid,
        "trial": ids.trial,
        "pmcid": ids.pmcid,
        "preprint": evidence.preprint,
        "peer_reviewed": evidence.peer_reviewed,
        "retracted": evidence.retracted,
        "comparison": evidence.comparison,
        "funding": evidence.funding,
        "conflicts": evidence.conflicts,
    }


def _quantity(quantity: Quantity | None) -> str | int | None:
    if quantity is None or quantity.qualifier is None:
        return None if quantity is None else quantity.value
    return f"{quantity.qualifier} {quantity.value}"

"""digest story group, evidence: the newsroom's pieces on their own, for scripts. Door."""

from __future__ import annotations

from typing import BinaryIO

import click

from digest.cli.output import progress, say_json
from digest.verbs import pieces
from digest.verbs.grouping import grouped_by
from digest.wiring import embedder


@click.command("group", short_help="Bring items together that tell the same news.")
@click.argument("file", type=click.File("rb"), metavar="FILE.jsonl")
@click.option("--no-embeddings", is_flag=True, help="By words alone, also where the extra is there.")
def group_items(file: BinaryIO, no_embeddings: bool) -> None:
    """Bring items together that tell the same news: {"id", "title", "text", "day"?, "outlet"?, "url"?} a line.

    Sentence embeddings help where the extra is installed (pip install 'health-digest[embeddings]').

    \b
    Example:  digest story group week.jsonl > stories.jsonl
    """
    with progress("texts") as show:
        embed = embedder("off" if no_embeddings else "auto", progress=show)
        rows = pieces.grouped(file, file.name, embed)
    click.echo(f"grouped {grouped_by(embed)}", err=True)
    for row in rows:
        say_json(row, indent=None)


@click.command("evidence", short_help="What a text says about its evidence.")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--medline", is_flag=True, help="FILE holds MEDLINE records; one answer a line.")
def read_evidence(file: BinaryIO, medline: bool) -> None:
    """What a text says about its evidence: study type, size, identifiers, and where each was read.

    \b
    Examples:  digest story evidence article.txt
               digest story evidence --medline pubmed.txt
    """
    data = file.read(pieces.LARGEST_BYTES)
    if medline:
        for row in pieces.evidence_of_medline(data, file.name):
            say_json(row, indent=None)
    else:
        say_json(pieces.evidence_of_text(data, file.name))

"""Wiring: settings become the parts that verbs need: database, clock, keys, relay. The one reader of the clock."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from digest.config import Loaded, Settings
from digest.config.load import read_private
from digest.config.schema import Dkim, RelayTable, Smtp, split_mailbox
from digest.deliver.dkim import Signer
from digest.deliver.domains import DomainLimit
from digest.deliver.relay import Relay, Timeouts
from digest.embedding import Embedder, missing
from digest.errors import SettingsError
from digest.gather import pages
from digest.gather.guard import Guard, allowed_hosts
from digest.gather.limits import Limits
from digest.gather.ratingfiles import read_layers
from digest.gather.source import Source
from digest.newsroom.meaning import Embed
from digest.newsroom.outlets import Ratings
from digest.newsroom.ratinglayers import laid_over
from digest.newsroom.slots import parse_schedule
from digest.render.seal import Letterhead
from digest.render.themes import load_theme
from digest.store import open_store
from digest.verbs.parts import Calendar, DeliveryPolicy, Gathering, Parts, Writing
from digest.writing.endpoint import Endpoint
from subscribers.errors import KeyRingError
from subscribers.keys import KeyRing


def now() -> datetime:
    """The present instant, aware."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock of the house


def assemble_parts(loaded: Loaded, *, create: bool = False) -> Parts:
    """Open a workspace. `create` makes its database when there is none (`digest init` does).

    Raises SettingsError for keys and settings, StoreError for the database.
    """
    settings, workspace = loaded.settings, loaded.workspace
    return Parts(
        workspace=workspace,
        store=open_store(store_url(settings, workspace), create=create),
        clock=now,
        ring=_ring(workspace / settings.web.secret_key_file),
        letterhead=letterhead(settings),
        theme=load_theme(workspace / "templates"),
        ratings=ratings(workspace),
        calendar=calendar(settings),
        max_stories=settings.newsletter.max_stories,
        approval=settings.newsletter.approval,
        relay=relay(settings.smtp, settings.smtp, workspace),
        stand_ins=tuple(relay(table, settings.smtp, workspace) for table in settings.smtp.fallback),
        signers=tuple(_signer(entry, workspace) for entry in settings.dkim),
        delivery=DeliveryPolicy(
            connections=settings.smtp.connections,
            window=settings.smtp.window,
            messages_per_second=settings.smtp.messages_per_second,
            uncertain=settings.delivery.uncertain,
            give_up_after=settings.delivery.give_up_after,
            skip_if_empty=settings.delivery.skip_if_empty,
            per_domain={
                domain: DomainLimit(connections=limit.connections, messages_per_second=limit.messages_per_second)
                for domain, limit in settings.smtp.per_domain.items()
            },
        ),
        notify_to=settings.notify.to,
        test_recipients=settings.preview.test_recipients,
        gathering=gathering(settings),
        writing=writing(settings),
        embed=embedder(settings.newsroom.embeddings, memory=workspace / "embeddings.npz"),
    )


def store_url(settings: Settings, workspace: Path) -> str:
    """The database's URL; a relative SQLite file lies in the workspace."""
    url = settings.store.url
    scheme, _, path = url.partition(":///")
    if scheme == "sqlite" and not Path(path).is_absolute():
        return f"sqlite:///{workspace / path}"
    return url


def letterhead(settings: Settings) -> Letterhead:
    """Everything about the newsletter that readers see."""
    paper = settings.newsletter
    from_name, from_address = split_mailbox(paper.from_)
    direction = paper.direction
    if direction == "auto":
        direction = "rtl" if paper.language.partition("-")[0] in ("ar", "he", "fa", "ur") else "ltr"
    return Letterhead(
        id=paper.id,
        name=paper.name,
        from_name=from_name or paper.name,
        from_address=from_address,
        reply_to=paper.reply_to,
        postal_address=paper.postal_address,
        language=paper.language,
        direction=direction,
        base_url=paper.base_url,
        timezone=paper.timezone,
        disclaimer=paper.disclaimer,
        sender_id=paper.sender_id or _sender_id(from_address),
        list_id=f"{paper.id}.{from_address.partition('@')[2]}",
        tell_machine=settings.llm.tell_readers,
    )


def _sender_id(from_address: str) -> str:
    """Feedback-ID wants 5 to 15 characters that stay the same: the letters of the sender's domain."""
    letters = "".join(c for c in from_address.partition("@")[2].lower() if c.isascii() and c.isalnum())
    return f"{letters}digest"[:15]


def calendar(settings: Settings) -> Calendar:
    paper = settings.newsletter
    return Calendar(
        schedule=parse_schedule(paper.schedule),
        assemble=paper.assemble,
        timezone=ZoneInfo(paper.timezone),
        late_after=paper.late_after,
    )


def gathering(settings: Settings, *, lacking: tuple[str, ...] | None = None) -> Gathering:
    """The sources, and what may be opened for them. `lacking` are the packages for reading pages that are not there,
    when the caller knows. Raises SettingsError when a source wants its pages read and they are."""
    limits = Limits(deadline_s=settings.gather.deadline.total_seconds(), connections=settings.gather.connections)
    sources = tuple(Source(**entry.model_dump()) for entry in settings.source)
    wanted = next((source.name for source in sources if source.pages), None)
    lacking = pages.missing() if wanted and lacking is None else lacking
    if wanted and lacking:
        raise SettingsError(
            f"[[source]] {wanted}: pages = true: {', '.join(lacking)} not installed; "
            "install the extra (pip install 'health-digest[pages]'), or take the line out"
        )
    guard = Guard(allowed_hosts(settings.gather.allow_hosts))
    return Gathering(
        sources=sources, every=settings.gather.every, limits=limits, guard=guard, most_pages=settings.gather.pages
    )


def writing(settings: Settings) -> Writing | None:
    """The machine that writes, where the settings name one."""
    llm = settings.llm
    if not llm.url or not llm.model:
        return None
    endpoint = Endpoint(
        url=llm.url,
        model=llm.model,
        api_key=llm.api_key.get_secret_value() if llm.api_key else None,
        deadline_s=llm.deadline.total_seconds(),
        most_tokens=llm.most_tokens,
    )
    return Writing(endpoint=endpoint, max_stories=llm.max_stories)


def embedder(
    wish: Literal["auto", "on", "off"],
    *,
    memory: Path | None = None,
    progress: Callable[[int], None] = lambda _done: None,
    lacking: tuple[str, ...] | None = None,
) -> Embed | None:
    """Sentence embeddings, as `[newsroom] embeddings` wishes; nothing is loaded before the first text.

    `memory` is a file that remembers them, `progress` is told how many are done; `lacking` are the packages that are
    not there, when the caller knows. Raises SettingsError when "on" cannot be.
    """
    if wish == "off":
        return None
    lacking = missing() if lacking is None else lacking
    if lacking and wish == "on":
        raise SettingsError(
            f'[newsroom] embeddings = "on": {", ".join(lacking)} not installed; '
            'install the extra (pip install \'health-digest[embeddings]\'), or write "auto" or "off"'
        )
    return None if lacking else Embedder(memory, progress=progress)


def ratings(workspace: Path) -> Ratings:
    """The shipped ratings under those of the raters, under the workspace's own `outlets.toml`."""
    return Ratings(laid_over(read_layers(workspace)))


def relay(table: RelayTable, smtp: Smtp, workspace: Path) -> Relay:
    return Relay(
        host=table.host,
        port=table.port,
        security=table.security,
        auth=table.auth,
        username=table.username,
        password=table.password.get_secret_value() if table.password else None,
        ca_file=str(workspace / table.ca_file) if table.ca_file else None,
        local_hostname=table.local_hostname,
        timeouts=Timeouts(**smtp.timeouts.model_dump()),
    )


def new_key_ring() -> str:
    """The text of a fresh key file, from the system's randomness."""
    return KeyRing.generate(secrets.token_bytes)


def _ring(file: Path) -> KeyRing:
    try:
        return KeyRing.parse(read_private(file, "the key file").decode("utf-8", "replace"))
    except KeyRingError as fault:
        raise SettingsError(f"{file}: {fault}") from None


def _signer(entry: Dkim, workspace: Path) -> Signer:
    file = workspace / entry.key_file
    pem = read_private(file, f"the DKIM key of {entry.selector}._domainkey.{entry.domain}")
    try:
        return Signer.from_pem(pem, domain=entry.domain, selector=entry.selector)
    except (ValueError, SettingsError) as fault:
        raise SettingsError(f"{file}: {str(fault).removeprefix('[[dkim]] key_file: ')}") from None

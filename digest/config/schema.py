"""The settings, their defaults and their limits: one frozen value per table of digest.toml. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from digest.config.durations import format_duration, parse_duration
from digest.errors import SettingsError
from digest.gather.guard import allowed_hosts
from digest.gather.journals import query
from digest.newsroom.links import article_url
from digest.newsroom.slots import parse_schedule
from digest.writing.endpoint import endpoint_url


class Table(BaseModel):
    """A table of digest.toml: frozen, and strangers are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def _one_line(text: str) -> str:
    if any(ord(c) < 32 or ord(c) in (127, 0x2028, 0x2029) for c in text):
        raise ValueError("holds a control character or a line break; write it on one line")
    return text


def _address(text: str) -> str:
    """As it goes on the wire: an international domain becomes ASCII."""
    _one_line(text)
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
        return text if text.isascii() else f"{found.local_part}@{found.ascii_domain}"
    except EmailNotValidError as fault:
        if not re.fullmatch(r"[A-Za-z0-9._+-]+@([a-z0-9-]+\.)*(example(\.(com|org|net))?|test|localhost)", text):
            raise ValueError(f"not an email address ({fault})") from None
    return text


def split_mailbox(text: str) -> tuple[str, str]:
    """`Name <address>` or a bare address → (name, address). Raises ValueError."""
    match = re.fullmatch(r'\s*(?:"?(?P<name>[^<>"]*?)"?\s*<(?P<angle>[^<>]+)>|(?P<bare>[^<>\s]+))\s*', text)
    if match is None:
        raise ValueError('not a sender; write for example "The Digest <news@example.org>"')
    return match["name"] or "", match["angle"] or match["bare"]


def _mailbox(text: str) -> str:
    """With its address as it goes on the wire. Before the "@" it must be ASCII: not every server takes more."""
    name, typed = split_mailbox(_one_line(text))
    address = _address(typed)
    if not address.isascii():
        raise ValueError("a sender's address must be plain ASCII before the @; choose another")
    return text.strip() if address == typed else f'"{name}" <{address}>' if name else address


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('not a time zone; write for example "Europe/London"') from None
    return text


def _schedule(text: str) -> str:
    try:
        parse_schedule(text)
    except SettingsError as fault:
        raise ValueError(str(fault).partition(": ")[2] or str(fault)) from None
    return text


def _language(text: str) -> str:
    from digest.render.words import languages

    if text.partition("-")[0] not in languages():
        raise ValueError(f"no catalogue of words for it; there are {', '.join(languages())}")
    return text


def _base_url(text: str) -> str:
    _one_line(text)
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError('not a web address; write for example "https://news.example.org"')
    if not re.fullmatch(r"[A-Za-z0-9:/._~\[\]-]{1,200}", text) or parts.port == 0:
        # It stands in a header of every message, where nothing can be encoded (RFC 8058).
        raise ValueError('only plain ASCII, at most 200 characters; an international name is written as "xn--…"')
    return text.rstrip("/")


def _host_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:\[\]-]{1,253}", text):
        raise ValueError('not a host name; write for example "smtp.example.org"')
    return text


def _domain_name(text: str) -> str:
    name = text.lower()
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", name) or len(name) > 253:
        raise ValueError('not a domain in ASCII; write for example "gmail.com", or "xn--bcher-kva.example"')
    return name


def _within_reason(length: timedelta) -> timedelta:
    if length > _LONGEST:
        raise ValueError("longer than a year; write for example 5d")
    return length


def _bind(text: str) -> str:
    if not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}", text) or int(text.rpartition(":")[2]) > 65_535:
        raise ValueError('not HOST:PORT; write for example "127.0.0.1:8000"')
    return text


def _not_empty(text: str) -> str:
    if not text.strip():
        raise ValueError('readers see it: at least one word is wanted; write for example "Health Digest"')
    return text


def _matching(pattern: str, example: str, wanted: str) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f'{wanted} wanted; write for example "{example}"')
        return text

    return checked


def _database(text: str) -> str:
    if not re.fullmatch(r"sqlite:///.+|postgresql\+psycopg://.*", text):
        raise ValueError('not a database; write "sqlite:///digest.db" or "postgresql+psycopg://user@host/name"')
    return text


_SELECTOR = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_LONGEST = timedelta(days=366)
Duration = Annotated[
    timedelta,
    BeforeValidator(lambda value: parse_duration(value) if isinstance(value, str) else value),
    AfterValidator(_within_reason),
    PlainSerializer(format_duration),
]
Bind = Annotated[str, AfterValidator(_bind)]
Line = Annotated[str, AfterValidator(_one_line)]
Address = Annotated[str, AfterValidator(_address)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Host = Annotated[str, AfterValidator(_host_name)]
Token = Annotated[str, AfterValidator(_matching(r"[a-z0-9][a-z0-9-]{0,39}", "weekly", "small letters, digits and -"))]


class Newsletter(Table):
    """What is sent, when, and in whose name."""

    id: Token = "weekly"
    name: Annotated[Line, AfterValidator(_not_empty)] = "Health Digest"
    from_: Mailbox = Field(default="Health Digest <digest@example.org>", alias="from")
    reply_to: Mailbox | None = None
    postal_address: Line = Field(default="", description="where the sender can be reached by post; readers see it")
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$"), AfterValidator(_language)] = "en"
    direction: Literal["auto", "ltr", "rtl"] = "auto"
    base_url: Annotated[str, AfterValidator(_base_url)] = "http://127.0.0.1:8000"
    schedule: Annotated[str, AfterValidator(_schedule)] = "mon 07:00"
    assemble: Annotated[str, AfterValidator(_schedule)] = "fri 15:00"
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/London"
    late_after: Duration = timedelta(hours=4)
    approval: Literal["required", "auto"] = "required"
    max_stories: Annotated[int, Field(ge=1, le=60)] = 12
    per_subscriber_timezone: Literal[False] = False
    disclaimer: Line | None = None
    sender_id: (
        Annotated[str, AfterValidator(_matching(r"[A-Za-z0-9]{5,15}", "healthdigest", "5 to 15 letters or digits"))]
        | None
    ) = None


class StoreTable(Table):
    url: Annotated[str, AfterValidator(_database), Field(repr=False)] = "sqlite:///digest.db"


Seconds = Annotated[float, Field(gt=0, le=3600)]


class Timeouts(Table):
    """Seconds per phase of the SMTP conversation (RFC 5321 section 4.5.3.2 gives the least a sender should wait)."""

    connect: Seconds = 30
    greeting: Seconds = 300
    ehlo: Seconds = 300
    tls: Seconds = 60
    auth: Seconds = 120
    mail: Seconds = 300
    rcpt: Seconds = 300
    data: Seconds = 120
    body: Seconds = 180
    dot: Seconds = 600
    reset: Seconds = 30
    quit: Seconds = 5
    idle: Seconds = 30


class RelayTable(Table):
    """One mail relay."""

    host: Host = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1025
    security: Literal["starttls", "tls", "none"] = "starttls"
    auth: Literal["password", "xoauth2"] = "password"
    username: Line | None = None
    password: SecretStr | None = None
    ca_file: str | None = None
    local_hostname: Host | None = None

    @model_validator(mode="after")
    def _token_has_an_account(self) -> Self:
        if self.auth == "xoauth2" and not self.username:
            raise ValueError('auth = "xoauth2" without username; add the account that the access token is for')
        return self


class Fallback(RelayTable):
    """A relay that stands in while those before it are away or refuse us."""

    host: Host
    port: Annotated[int, Field(ge=1, le=65535)] = 587


class DomainTable(Table):
    """How much at once, and how fast, to one recipient domain; a big provider's domains share one limit."""

    connections: Annotated[int, Field(ge=1, le=1000)] | None = None
    messages_per_second: Annotated[float, Field(gt=0)] | None = None


class Smtp(RelayTable):
    connections: Annotated[int, Field(ge=1, le=100)] = 10
    window: Annotated[int, Field(ge=1, le=64)] = 1
    messages_per_second: Annotated[float, Field(gt=0)] | None = None
    per_domain: dict[Annotated[str, AfterValidator(_domain_name)], DomainTable] = {}
    fallback: tuple[Fallback, ...] = ()
    timeouts: Timeouts = Timeouts()


class Dkim(Table):
    domain: Host
    selector: Annotated[str, AfterValidator(_matching(_SELECTOR, "digest-rsa", "a DNS label"))]
    key_file: str


class Delivery(Table):
    uncertain: Literal["hold", "resend-once"] = "hold"
    give_up_after: Duration = timedelta(days=5)
    skip_if_empty: bool = True


class Notify(Table):
    to: tuple[Address, ...] = ()


class Preview(Table):
    test_recipients: tuple[Address, ...] = ()


def _hosts(texts: tuple[str, ...]) -> tuple[str, ...]:
    allowed_hosts(texts)
    return texts


def _every(length: timedelta) -> timedelta:
    if timedelta() < length < _MOST_OFTEN:
        raise ValueError('more often than every 10 minutes is not polite; write for example 6h, or "0" for never')
    return length


_MOST_OFTEN = timedelta(minutes=10)
Every = Annotated[Duration, BeforeValidator(lambda value: "0" if value == "off" else value), AfterValidator(_every)]


class Gather(Table):
    """How sources are asked."""

    every: Every = timedelta(hours=6)
    allow_hosts: Annotated[tuple[str, ...], AfterValidator(_hosts)] = ()
    deadline: Duration = timedelta(seconds=30)
    connections: Annotated[int, Field(ge=1, le=64)] = 16
    pages: Annotated[int, Field(ge=0, le=2_000)] = 100


class Newsroom(Table):
    """How articles become stories."""

    embeddings: Literal["auto", "on", "off"] = "auto"


class SourceTable(Table):
    """One place that articles come from."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    url: Annotated[Line, Field(min_length=1)]
    kind: Literal["feed", "journal", "folder"] = "feed"
    outlet: Annotated[Line, Field(max_length=120)] | None = None
    topic: Annotated[Line, Field(max_length=60)] | None = None
    require: bool = False
    pages: bool = False

    @model_validator(mode="after")
    def _url_suits_kind(self) -> Self:
        if self.pages and self.kind != "feed":
            raise ValueError(f"pages = true: a {self.kind} has no pages to read; take it out, only feeds have them")
        if self.kind == "feed":
            article_url(self.url)
        elif self.kind == "journal":
            query(self.url, date.min + timedelta(days=366))
        return self


def _no_twins(sources: tuple[SourceTable, ...]) -> tuple[SourceTable, ...]:
    for what in ("name", "url"):
        values = [getattr(source, what) if what == "url" else source.name.casefold() for source in sources]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise ValueError(f"{what} {twice!r}: two sources have it; give each its own")
    return sources


def _key(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[\x21-\x7e]{1,4000}", secret.get_secret_value()):
        raise ValueError("not a key: printable ASCII without spaces is wanted")
    return secret


class Llm(Table):
    """A machine that shortens and rewords what the articles say; off without a `url`."""

    url: Annotated[Line, AfterValidator(endpoint_url)] | None = None
    model: Annotated[Line, Field(min_length=1, max_length=200)] | None = None
    api_key: Annotated[SecretStr, AfterValidator(_key)] | None = None
    deadline: Duration = timedelta(seconds=60)
    max_stories: Annotated[int, Field(ge=1, le=60)] = 12
    most_tokens: Annotated[int, Field(ge=100, le=100_000)] = 1_500
    tell_readers: bool = True

    @model_validator(mode="after")
    def _url_has_a_model(self) -> Self:
        if self.url and not self.model:
            raise ValueError('url without a model; add model = "…", as the endpoint names it')
        if self.deadline <= timedelta():
            raise ValueError("deadline of no length; write for example 60s")
        return self


class Web(Table):
    bind: Bind = "127.0.0.1:8000"
    secret_key_file: str = "keys/secret.key"  # noqa: S105 - a file's name, not a secret


class Settings(BaseSettings):
    """All of digest.toml. Sources are handed in by load.py; nothing is read from the environment by accident."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="DIGEST_", env_nested_delimiter="__", validate_default=True
    )

    newsletter: Newsletter = Newsletter()
    store: StoreTable = StoreTable()
    smtp: Smtp = Smtp()
    dkim: tuple[Dkim, ...] = ()
    delivery: Delivery = Delivery()
    notify: Notify = Notify()
    preview: Preview = Preview()
    web: Web = Web()
    gather: Gather = Gather()
    llm: Llm = Llm()
    newsroom: Newsroom = Newsroom()
    source: Annotated[tuple[SourceTable, ...], AfterValidator(_no_twins)] = ()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

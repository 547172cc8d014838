"""Typesetting: one template of a theme and its values → text. Content is data and never template. Pure.

Templates run in Jinja's immutable sandbox: autoescape by extension (`.mjml` too), undefined names are
faults, no setting and no secret is in reach, output and loops are bounded.
"""

from __future__ import annotations

import functools
import re
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from digest.errors import DigestError, TemplateError
from digest.render.columns import hang, underline
from digest.render.themes import Theme, ThemeFile
from digest.render.words import Words

LONGEST_OUTPUT = 2_000_000  # characters
LARGEST_FACTOR = 1000  # on either side of `*` and `**`
MOST_ROUNDS = 100_000  # of all `range` loops of one printing together

# C0 and C1 controls but tab and newline, and lone surrogates: no reader can see them, and the MJML renderer chokes.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def typeset(theme: Theme, name: str, *, words: Words, values: Mapping[str, object]) -> str:
    """Print template `name` of the theme. Every fault is a TemplateError with the template's file and line."""
    shown = theme.files[name].shown if name in theme.files else name
    try:
        template = _environment(frozenset(theme.files.items()), words).get_template(name)
        return _bounded(template.generate({"range": _rounds(), **values}), shown)
    except jinja2.TemplateNotFound as error:
        raise TemplateError(f"no such template: {error.name}; write it, or take the include out", file=shown) from error
    except jinja2.TemplateSyntaxError as error:
        place = error.filename or shown
        raise TemplateError(f"{error.message}; correct the template", file=place, line=error.lineno) from error
    except DigestError:
        raise
    except (jinja2.UndefinedError, SecurityError, _NothingThereError) as error:
        raise _fault(theme, shown, error, str(error)) from error
    except Exception as error:  # whatever a template does wrong is its fault, at its line
        raise _fault(theme, shown, error, f"{type(error).__name__}: {error}") from error


class _NothingThereError(ValueError):
    """A template prints None: a leftover that a reader would see."""


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if any((abs(side) if isinstance(side, int | float) else len(side)) > LARGEST_FACTOR for side in (left, right)):
            raise SecurityError(f"{operator} would make something very large")
        return super().call_binop(context, operator, left, right)


@functools.lru_cache(maxsize=8)  # the preview prints again at every keystroke, and compiling is nine tenths of it
def _environment(theme_files: frozenset[tuple[str, ThemeFile]], words: Words) -> jinja2.Environment:
    files = dict(theme_files)

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        file = files.get(name)
        return None if file is None else (file.text, file.shown, lambda: True)

    environment = _Environment(
        loader=jinja2.FunctionLoader(load),
        autoescape=_escapes,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.install_gettext_translations(words.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {"hang": hang, "underline": underline}
    environment.globals = {
        name: environment.globals[name]
        for name in ("namespace", "gettext", "ngettext", "pgettext", "npgettext", "_", "range")
    } | {"words": words}
    return environment


def _escapes(name: str | None) -> bool:
    return name is None or not name.removesuffix(".j2").endswith(".txt")


def _printable(value: object) -> object:
    if value is None:
        raise _NothingThereError("a value that is not there (None) would be printed: ask for it with {% if %}")
    if isinstance(value, Markup):
        return Markup(_UNSEEN.sub("", value))  # noqa: S704 (it was markup before)
    return _UNSEEN.sub("", value) if isinstance(value, str) else value


def _rounds() -> Callable[..., range]:
    left = MOST_ROUNDS

    def bounded_range(*args: int) -> range:
        nonlocal left
        rounds = range(*args)
        left -= len(rounds)
        if left < 0:
            raise SecurityError(f"more than {MOST_ROUNDS} rounds of loops")
        return rounds

    return bounded_range


def _bounded(pieces: Any, shown: str) -> str:
    printed = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > LONGEST_OUTPUT:
            raise TemplateError(f"prints more than {LONGEST_OUTPUT} characters; look for a loop", file=shown)
        printed.append(piece)
    return "".join(printed)


def _fault(theme: Theme, shown: str, error: BaseException, message: str) -> TemplateError:
    templates = {file.shown for file in theme.files.values()}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in templates]
    file, line = (frames[-1].filename, frames[-1].lineno) if frames else (shown, None)
    return TemplateError(f"{message}; correct the template", file=file, line=line)

"""The templates: sandboxed, escaped by what they write, the organisation's own before the built-in ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    TemplateError,
    pass_eval_context,
)
from jinja2.nodes import EvalContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from .facts import TITLE
from .words import Raw, clean, cut, cut_units, markdown_link, marked, parted, plain_markdown, units

SHORT = 70  # characters of an SMS
HIT = Markup('<b style="background: #ffe08a; color: #000000">{}</b>')
# Whatever an organisation's own template may raise: the built-in one is used then.
FAILURES = (TemplateError, ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


class Writer:
    """Renders one notice's templates and remembers which of the organisation's own failed."""

    def __init__(self, language: str, facts: Mapping[str, Any], templates: Path | None) -> None:
        self.language, self.facts, self.templates = language, facts, templates
        self.errors: list[str] = []
        self.facts = {**facts, "reply": ""}
        for name in ("tag", "happened", "asked"):
            self.facts[name] = clean(self._rendered(f"{name}.txt"))
        self.facts["questions"] = [clean(line) for line in self._rendered("doubts.txt").splitlines() if line.strip()]

    def write(self, name: str, **changed: Any) -> str:
        """The text of one template; in a drill everything that people get begins with its mark."""
        text = self._rendered(name, **changed)
        return marked(text, self.facts["mark"]) if self.facts["is_drill"] else text

    def _rendered(self, name: str, **changed: Any) -> str:
        name = f"{self.language}/{name}"
        facts = {**self.facts, **changed}
        is_markdown = name.endswith(".md")
        if self.templates is not None:
            try:
                return _environment(self.templates, is_markdown).get_template(name).render(facts).strip()
            except FAILURES as error:
                problem = f"{name}: {cut(clean(str(error)), TITLE)}"
                self.errors += [] if problem in self.errors else [problem]
        return _environment(None, is_markdown).get_template(name).render(facts).strip()

    def write_short(self, reply: str = "") -> str:
        """The short text. Its title gives way, so that level, figures and code stay, and what to reply."""
        whole = clean(self.write("short.txt", reply=reply))
        over = units(whole) - SHORT
        if over > 0:
            title = cut_units(self.facts["title"], max(1, units(self.facts["title"]) - over))
            whole = clean(self.write("short.txt", title=title, reply=reply))
        return cut_units(whole, SHORT)


@cache
def _environment(templates: Path | None, is_markdown: bool) -> ImmutableSandboxedEnvironment:
    """The built-in templates, behind the organisation's own if there are any."""
    loader: BaseLoader = FunctionLoader(_built_in)
    if templates is not None:
        loader = ChoiceLoader([FileSystemLoader(templates), loader])
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        finalize=_escaped if is_markdown else None,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cut"] = cut
    environment.filters["link"] = markdown_link
    environment.filters["highlight"] = _highlight_markdown if is_markdown else highlight
    return environment


@pass_eval_context
def highlight(context: EvalContext, text: str, found: Iterable[str], before: str = "", after: str = "") -> str:
    """A text in which what was found stands out: by a colour in HTML, elsewhere between two marks."""
    if context.autoescape:
        return Markup().join(HIT.format(part) if is_hit else part for part, is_hit in parted(text, found))
    return "".join(f"{before}{part}{after}" if is_hit else part for part, is_hit in parted(text, found))


def _highlight_markdown(text: str, found: Iterable[str]) -> Raw:
    parts = ((plain_markdown(part), is_hit) for part, is_hit in parted(text, found))
    return Raw("".join(f"**{part}**" if is_hit else part for part, is_hit in parts))


def _escaped(value: Any) -> Any:
    """What a markdown template puts out, unless it is a link that we made."""
    return value if isinstance(value, Raw) else plain_markdown(str(value))


def _built_in(name: str) -> str | None:
    """The source of a built-in template, or ``None``."""
    place = files("yuqing_config").joinpath("templates", *name.split("/"))
    return place.read_text(encoding="utf-8") if place.is_file() else None

"""A desk at which reports are made of a world's event."""

from __future__ import annotations

from dataclasses import dataclass

from world import World

from yuqing_daemon.config import Settings
from yuqing_daemon.domain import Act, DutyRule, Level
from yuqing_daemon.reports import Document, EventFacts, ReportKind, compose_event, gather, render

REPORTED = DutyRule(
    id="report", name="报告舆情办", name_en="report to the office", on="level", owner="monitor",
    from_level=Level.MAJOR, within="2h", done_by=(Act.REPORT,),
)  # fmt: skip


@dataclass
class Desk:
    """A world, and the reports that can be made of its event."""

    world: World

    @property
    def settings(self) -> Settings:
        return self.world.engine.settings

    def act(self, what: Act, reason: str = "", *, by: str = "monitor", **data: object) -> None:
        self.world.engine.act("E1", what, by=by, reason=reason, data=data, now=self.world.clock.now)

    def facts(self, kind: str = "bulletin", *, language: str = "zh") -> EventFacts:
        with self.world.engine.store.read() as connection:
            return gather(
                connection, "E1", self.settings, kind=ReportKind(kind), language=language, now=self.world.clock.now
            )

    def document(self, kind: str = "bulletin", *, language: str = "zh") -> Document:
        return compose_event(
            self.facts(kind, language=language),
            ReportKind(kind),
            language=language,
            timezone=self.settings.timezone,
            templates=self.settings.templates,
        )

    def text(self, kind: str = "bulletin", *, language: str = "zh") -> str:
        return render(self.document(kind, language=language), "text").decode()

    def made(self, format: str, kind: str = "bulletin", *, language: str = "zh") -> bytes:
        return render(self.document(kind, language=language), format, self.settings.templates)

"""The course of the demonstration: what is waited for, what is done then, and what must be true at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..domain import Level
from . import duty
from .clock import StoryClock
from .process import DaemonProcess
from .setup import DUTY_MAIL, PEOPLE
from .sinks import Received, Sinks
from .story import script
from .view import clock
from .watch import Scene, nothing_yet

LOOKS_BETWEEN = 6  # looks at the scene between opening the link and pressing the button


@dataclass
class Course:
    """Everything the course needs. ``scene`` is what was seen last; ``duty`` what the person on duty has done."""

    daemon: DaemonProcess
    clock: StoryClock
    sinks: Sinks
    scene: Scene = field(default_factory=nothing_yet)
    duty: str = "not acknowledged yet"
    looking_did_nothing: bool = False

    def run(self) -> Iterator[str]:
        """Go through it, one look at a time; says at each look what is going on."""
        first, second, third = script().acts
        while not self.daemon.is_ready():
            yield "the daemon starts"
        while not self.scene.is_visited:
            yield "first visits: what stands on a site already is no news"
        self.clock.allow(first)
        while not (self.scene.event and self._mails_to_duty()):
            yield "ordinary news comes in, and a complaint appears on a forum"
        while self.clock.read() < first:
            yield "the complaint is read more and more"
        self.clock.allow(second)
        while not (self._is_at(Level.MAJOR) and len(self._mails_to_duty()) > 1):
            yield "the complaint is read more and more, a newspaper reposts it"
        yield from self._acknowledge()
        while self.clock.read() < second:
            yield "reposts in other words: still the same event"
        self.clock.allow(third)
        while not self._is_told():
            if self._is_at(Level.EXTRAORDINARY):
                self.duty = f"{self.duty.partition(';')[0]}; the rise since then wants a new one"
            yield "every mainstream site carries it now"

    def _acknowledge(self) -> Iterator[str]:
        """The person on duty follows the link of the last mail: looks first, then presses the button."""
        link = duty.link_in(self._mails_to_duty()[-1])
        duty.open_page(link)
        self.duty = f"{PEOPLE['duty']} opened the link in the mail: looking alone acknowledges nothing"
        for _ in range(LOOKS_BETWEEN):
            yield "the person on duty reads the mail"
        event = self.scene.event
        self.looking_did_nothing = event is not None and event.acknowledged_at is None
        duty.press_button(link)
        while not (self.scene.event and self.scene.event.acknowledged_at):
            yield "the person on duty presses the button"
        self.duty = f"acknowledged by {PEOPLE['duty']}, {clock(self.scene.event.acknowledged_at)}"

    def _is_at(self, level: Level) -> bool:
        return self.scene.level is level

    def _is_told(self) -> bool:
        """Whether the event is as grave as it gets, and everybody who was to be told was."""
        event = self.scene.event
        mainstream = sum(site.mainstream for site in self.scene.sites)
        if event is None or event.level != Level.EXTRAORDINARY or event.heat.mainstream < mainstream:
            return False
        return all(notice.accepted_at for notice in self.scene.notices)

    def _mails_to_duty(self) -> list[Received]:
        return [mail for mail in self.sinks.mail.received if mail.to == DUTY_MAIL]

"""What the group robots share: whose address is where, and whom a message mentions.

A robot's address holds its token. It is the channel's ``url``, and then the recipient's address says whom to
mention; or there is no ``url``, and the recipient's address is the robot's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar
from urllib.parse import urlsplit

from yuqing_daemon import Delivery, Outcome

from ._answers import hide
from ._http import Reply
from ._service import Codes, ServiceOptions, send_parts

GROUP, ALL = "group", "all"  # who is mentioned: nobody, everybody
MOBILE = re.compile(r"\+?[0-9]{5,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotOptions(ServiceOptions):
    """The options of every group robot."""

    url: str = field(default="", repr=False)  # the robot's address, as its page shows it; empty: the recipient's
    mention: tuple[str, ...] = ()  # mobile numbers to mention in every message, or "all"

    host: ClassVar[str] = ""  # where the service's robots are
    path: ClassVar[str] = ""  # and what their addresses begin with
    token: ClassVar[re.Pattern[str]] = re.compile(r"[\w-]{8,}")  # a token alone is an address too

    def misfits(self) -> Iterator[tuple[str, str, str]]:
        """What is wrong with options that are each right by themselves."""
        if self.url and (why := self._wrong_robot(self.url)):
            yield "url", why, f'url = "{self._example}"'

    def misaddressed(self, to: str) -> tuple[str, str] | None:
        """What an address has to be, and the fix, if it is none of this channel."""
        if not self.url:
            why = self._wrong_robot(to)
            return (why, f'to = "{self._example}"') if why else None
        if to in (GROUP, ALL) or MOBILE.fullmatch(to):
            return None
        wanted = "whom the robot mentions: a mobile number, all, or group for nobody (its address is the channel's)"
        return wanted, f'to = "{GROUP}"'

    def robot(self, to: str) -> str:
        """The robot's address."""
        given = self.url or to
        return self._example.removesuffix("TOKEN") + given if self.token.fullmatch(given) else given

    def mobiles(self, to: str) -> list[str]:
        """The mobile numbers to mention."""
        found = [*self.mention, *([to] if self.url else [])]
        return list(dict.fromkeys(number for number in found if number not in (GROUP, ALL)))

    def is_for_all(self, to: str) -> bool:
        """Whether everybody is mentioned."""
        return ALL in self.mention or (bool(self.url) and to == ALL)

    @property
    def _example(self) -> str:
        return f"https://{self.host}{self.path}TOKEN"

    def _wrong_robot(self, url: str) -> str:
        """Why this is no address of a robot of this service; inside stand-ins may be anywhere."""
        if self.token.fullmatch(url):
            return ""
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", url):
            return "the robot's address as its page shows it, or its token"
        if not self.internal and (parts.hostname not in self.hosts() or parts.scheme != "https"):
            return f"a robot of this sender, at https://{self.host}; {parts.hostname} is another service"
        return ""

    def hosts(self) -> tuple[str, ...]:
        """Where the service's robots may be."""
        return (self.host,)


def hand_over(
    delivery: Delivery,
    options: RobotOptions,
    codes: Codes,
    parts: Sequence[str],
    post: Callable[[str], Reply | Outcome],
    *,
    secret: str = "",
) -> Outcome:
    """Post the parts. A robot that is a recipient's own is no reason to hold back the channel of all."""

    def send_part(part: str) -> Outcome:
        reply = post(part)
        return reply if isinstance(reply, Outcome) else codes.judge(reply)

    outcome = send_parts(delivery, parts, send_part)
    outcome = replace(outcome, pause_channel=outcome.pause_channel and bool(options.url))
    return hide(outcome, options.robot(delivery.to), delivery.to, secret)

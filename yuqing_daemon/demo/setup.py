"""The demonstration's configuration: the same four files an organisation writes, pointed at the farm and the sinks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ..config import regime_path
from .farm import SiteServer
from .sinks import Sinks

SECRET_FILE = "webhook-secret"
DUTY_MAIL = "duty@qinghe.example"
PEOPLE = {"duty": "值班员", "office": "舆情办", "quality": "品质管理部", "leader": "领导小组", "spokesperson": "发言人"}
_SPIDERS = {"portal": "page", "feed": "feed", "forum": "forum", "hotlist": "hotlist"}

_MAIN = """\
# The demonstration's configuration. Your own is written by: yuqing init DIR

organisation = "青禾乳业"
language = "zh"
timezone = "Asia/Shanghai"
regime = "rules.toml"                 # the shipped rules, in which words alone lift nothing here: the story has to grow

[store]
path = "state"

[crawl]
contact = "demo@example.invalid"
workers = 2
gap = 0                               # a second and more for other people's sites; these are our own
revisit_at_least = 2

[notices]
group_wait = 0
per_person = 0
self_test = false
[web]
listen = "127.0.0.1:{port}"

[channels.mail]
sender = "mail"
host = "127.0.0.1"
port = {mail_port}
from_address = "舆情值守 <yuqing@qinghe.example>"

[channels.chat]
sender = "webhook"
secret = {{ file = "{secret_file}" }}   # signs each request
internal = true                       # its receiver is on this machine

[channels.sms]
sender = "sms"
url = {sms_url}
fields = {{ mobile = "{{to}}", content = "{{text}}", ref = "{{key}}" }}
ok_field = "code"                     # an error code inside a 200 answer is a failure
ok_value = 0
id_field = "msgid"
internal = true
"""

_TOPICS = """\
# What the company wants to hear of: its name, together with any of these words.

[topics.quality]
name = "产品质量"
all = ["青禾"]
any = ["异物", "拉肚子", "腹泻", "变质", "肠胃炎"]
none = ["招聘"]
"""

_PEOPLE = """\
# Who may be told. Nobody else ever is.

[people.duty]
name = "{names[duty]}"
roles = ["monitor"]
channels = [{{ channel = "mail", to = "{duty}" }}]

[people.office]
name = "{names[office]}"
roles = ["office", "ops"]
channels = [{{ channel = "chat", to = {hook_url} }}]

[people.quality]
name = "{names[quality]}"
roles = ["department"]
channels = [{{ channel = "mail", to = "quality@qinghe.example" }}]

[people.leader]
name = "{names[leader]}"
roles = ["leading_group"]
channels = [
  {{ channel = "sms", to = "13900000000", from = "major" }},   # tried first
  {{ channel = "mail", to = "leader@qinghe.example" }},     # if the SMS is not accepted in time
]

[people.spokesperson]
name = "{names[spokesperson]}"
roles = ["spokesperson"]
channels = [{{ channel = "mail", to = "press@qinghe.example" }}]
"""


def write_configuration(folder: Path, sites: Iterable[SiteServer], sinks: Sinks, *, port: int, secret: str) -> None:
    """Write the four files and the webhook's secret.

    Args:
        port: where the daemon shall listen.
        secret: what the webhook's requests are signed with.
    """
    secret_file = folder / SECRET_FILE
    secret_file.touch(mode=0o600)
    secret_file.write_text(secret, encoding="utf-8")
    main = _MAIN.format(port=port, mail_port=sinks.mail.port, secret_file=SECRET_FILE, sms_url=_quoted(sinks.sms.url))
    rules = regime_path("company", folder).read_text(encoding="utf-8")
    files = {
        "yuqing.toml": main,
        "rules.toml": rules.replace("lift_by_words = true", "lift_by_words = false"),
        "sources.toml": "# The monitored points.\n" + "".join(map(_source, sites)),
        "topics.toml": _TOPICS,
        "people.toml": _PEOPLE.format(hook_url=_quoted(sinks.hooks.url), duty=DUTY_MAIL, names=PEOPLE),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _source(server: SiteServer) -> str:
    site = server.site
    lines = [
        "\n[[source]]",
        f"id = {_quoted(site.id)}",
        f"url = {_quoted(server.press.list_url)}",
        f"name = {_quoted(site.name)}",
        f"site = {_quoted(site.name)}",
        f"spider = {_quoted(_SPIDERS[site.kind])}",
        "internal = true",
        "every = 2",
        *(["mainstream = true"] if site.mainstream else []),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

"""Every command by its name. A command is loaded when it is wanted: none waits for what only the others need."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from importlib import import_module

import click

# The module that has the command, and what `yuqing --help` says of it.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "ack": ("events", "Take an event over."),
    "audit": ("records", "The record that answers for everything."),
    "backtest": ("backtest", "Try changed topics on the stored posts."),
    "blind": ("sources", "Say when a source or an event was not heard."),
    "bulletin": ("reports", "Issue the bulletin of an event, or its next issue."),
    "callback-url": ("notices", "Say where a channel's provider may call back."),
    "check": ("setup", "Check the configuration."),
    "close": ("acts", "Close an event."),
    "confirm": ("acts", "Confirm that an event is one."),
    "correct": ("acts", "Correct an event's kind, level, title or subject."),
    "deliveries": ("notices", "List what was sent to whom, and what came of it."),
    "demo": ("setup", "See it all work in a minute."),
    "digest": ("reports", "Tell what happened in a day or a week."),
    "dismiss": ("acts", "Dismiss an event: it is none."),
    "do": ("acts", "Mark a duty of an event as done."),
    "drill": ("drill", "See a marked happening through to all phones."),
    "duties": ("acts", "List what is owed, the nearest end first."),
    "event": ("events", "Show one event with its posts, notices and record."),
    "events": ("acts", "List the open events."),
    "hand-over": ("acts", "Hand an event to whoever has to handle it."),
    "init": ("setup", "Write a commented, working configuration."),
    "judge": ("judge", "Judge an event, or list what waits for it."),
    "learning": ("judge", "Show what judgements taught, and how well it does."),
    "ledger": ("ledger", "Tell late, missed, false, concealed; and credit."),
    "merge": ("acts", "Make an event part of another."),
    "new": ("new", "Write something to begin with."),
    "note": ("acts", "Put a note on record."),
    "phone": ("acts", "Record that it was reported by phone, and to whom."),
    "plugins": ("setup", "What is plugged in."),
    "refer": ("acts", "Record a referral decision."),
    "regime": ("regime", "The organisation's written rules."),
    "release": ("acts", "Record what was released to the public."),
    "reload": ("tending", "Let the daemon read its configuration again."),
    "reopen": ("acts", "Take up again what was closed, dismissed or over."),
    "replay": ("records", "Run old posts through match, group and level."),
    "reply": ("acts", "Record the answer that was given."),
    "report": ("reports", "Make a report or the summary of an event."),
    "review": ("ledger", "List changes that judgements and misses suggest."),
    "run": ("running", "Run the daemon in the foreground."),
    "silence": ("notices", "What nobody is to be told for a while."),
    "sources": ("trying", "List the sources and how well they are heard."),
    "split": ("acts", "Make some posts of an event an event of their own."),
    "status": ("tending", "Say how the daemon is."),
    "test-notify": ("tending", "Send a test message, and show what came of it."),
    "text": ("text", "Judge texts in a pipeline: JSON lines in and out."),
    "try": ("trying", "Show what would be read, and what matches and why."),
}


class Commands(click.Group):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, from its module; ``None`` if there is none."""
        if cmd_name not in COMMANDS:
            return None
        gc.disable()  # what is loaded is no garbage, and to look for some takes a tenth of the time
        try:
            module = import_module(f".{COMMANDS[cmd_name][0]}", __package__)
        finally:
            gc.enable()
        found: dict[str, click.Command] = {command.name: command for command in module.COMMANDS}
        return found[cmd_name]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What ``--help`` says of them, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

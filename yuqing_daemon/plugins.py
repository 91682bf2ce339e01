"""Load, list and ask plugins, each in isolation: one bad plugin costs its own answers only.

Built-ins come through the same entry-point group as anybody's package. Others are loaded only if the
configuration names them, so installing a package never changes what the daemon does.
"""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

import pluggy

from . import hookspecs
from .domain import Advice, Article, Heard, Level, Match, Opinion, Outcome, Signal
from .errors import PluginError

log = logging.getLogger(__name__)

GROUP = hookspecs.PROJECT
BUILT_IN, BUILT_IN_PACKAGE = "yuqing-daemon", "built-in"
SET_ASIDE_AFTER = 5  # failures in a row
TIME_LIMIT = 10.0  # seconds for an answer that the engine waits for
TIMED = frozenset({"match_post", "classify_event", "escalate_event", "on_audit"})  # the others have a process to lose
COLLECTIONS: dict[str, type] = {"spiders": type, "match_post": Match, "classify_event": Opinion}
OR_ONE = frozenset({"classify_event"})  # one answer may come by itself
ANSWERS: dict[str, type] = {
    "advise": Advice,
    "extract_article": Article,
    "escalate_event": Level,
    "send": Outcome,
    "hear": Heard,
    "look_up": Signal,
}


@dataclass(slots=True)
class Entry:
    """What is known of one plugin: for the operator, and for deciding whether to go on asking it."""

    name: str
    package: str
    status: str = "active"
    hooks: tuple[str, ...] = ()
    failures: int = 0
    in_a_row: int = 0
    error: str = ""

    @property
    def is_set_aside(self) -> bool:
        """Whether it failed so often that it is not asked any more."""
        return self.status.startswith("set aside")


@dataclass
class Plugins:
    """The registered plugins."""

    manager: pluggy.PluginManager = field(init=False)
    entries: dict[str, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.manager = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs)

    @classmethod
    def load(cls, *, enable: Iterable[str] = (), disable: Iterable[str] = (), others: bool = True) -> Plugins:
        """Load the built-ins, and of the installed packages those that are named in ``enable``.

        Nothing raises: a plugin that cannot be loaded is listed as failed, with the reason. ``others=False``
        loads the built-ins alone, for the day a plugin keeps the daemon from starting.
        """
        plugins = cls()
        wanted, refused = set(enable), set(disable)
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
            built_in = point.dist is not None and point.dist.name == BUILT_IN
            package = BUILT_IN_PACKAGE if built_in else f"{point.dist.name} {point.dist.version}" if point.dist else ""
            if point.name in refused:
                plugins.entries[point.name] = Entry(point.name, package, "disabled")
            elif built_in or (point.name in wanted and others):
                plugins._load_one(point, package)
            else:
                plugins.entries[point.name] = Entry(point.name, package, "not enabled")
        for name in sorted(wanted - plugins.entries.keys()):
            plugins.entries[name] = Entry(name, "", "failed: no installed package has a plugin of this name")
        return plugins

    def _load_one(self, point: EntryPoint, package: str) -> None:
        try:
            self.register(point.load(), point.name, package=package)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - an import runs other people's code
            reason = f"failed: {type(error).__name__}: {error}"
            self.entries[point.name] = Entry(point.name, package, reason)
            log.error("plugin.failed name=%s error=%r", point.name, error)  # noqa: TRY400 - one line is enough

    def register(self, plugin: object, name: str, *, package: str = "") -> None:
        """Register one plugin: a module, or an object with hook methods.

        Raises:
            PluginError: it implements a hook that does not exist, or one that is not a plain function.
        """
        try:
            self.manager.register(plugin, name=name)
            self._refuse_misfits(plugin)
        except pluggy.PluginValidationError as error:
            if self.manager.is_registered(plugin):  # pluggy before 1.7 keeps what it has refused
                self.manager.unregister(plugin)
            raise PluginError(f"plugin {name}: {error}") from error
        except PluginError:
            self.manager.unregister(plugin)
            raise
        hooks = tuple(sorted(caller.name for caller in self.manager.get_hookcallers(plugin) or ()))
        self.entries[name] = Entry(name, package or _package_of(plugin), hooks=hooks)

    def _refuse_misfits(self, plugin: object) -> None:
        for caller in self.manager.get_hookcallers(plugin) or ():
            if caller.spec is None:
                raise PluginError(f"there is no hook {caller.name!r}; there are {', '.join(self.hook_names())}")
            impl = next(impl for impl in caller.get_hookimpls() if impl.plugin is plugin)
            if inspect.iscoroutinefunction(impl.function) or impl.wrapper or impl.hookwrapper:
                raise PluginError(f"hook {caller.name} must be a plain function: no async def, no wrapper")

    @staticmethod
    def hook_names() -> list[str]:
        """The hooks there are."""
        return sorted(name for name, thing in vars(hookspecs).items() if hasattr(thing, f"{hookspecs.PROJECT}_spec"))

    def ask(self, hook: str, **given: object) -> Iterator[tuple[str, object]]:
        """Yield (plugin, answer), skipping ``None`` and failures; ``next(ask(...), None)`` is the first result.

        A plugin that failed several times in a row, or once by not answering in time, is not asked again until the
        next start. ``send`` is the exception: silence there would cost an alert, so a failing sender stays in the
        game.
        """
        for impl in reversed(getattr(self.manager.hook, hook).get_hookimpls()):
            entry = self.entries[impl.plugin_name]
            if entry.status != "active":
                continue
            try:
                arguments = [given[name] for name in impl.argnames]
                timed = hook in TIMED and entry.package != BUILT_IN_PACKAGE
                answer = _in_time(hook, impl.function, arguments) if timed else _asked(hook, impl.function, arguments)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - this is the place that answers for plugins
                self._failed(entry, hook, error)
            else:
                entry.in_a_row = 0
                if answer is not None:
                    yield impl.plugin_name, answer

    def has(self, hook: str) -> bool:
        """Whether anybody answers a hook, for questions that cost something to put."""
        return bool(getattr(self.manager.hook, hook).get_hookimpls())

    def who(self, hook: str) -> set[str]:
        """The plugins that answer a hook."""
        return {impl.plugin_name for impl in getattr(self.manager.hook, hook).get_hookimpls()}

    def senders(self) -> dict[str, type | None]:
        """The senders there are, each with the dataclass of its channel options (``Options``) if it declares one."""
        impls = self.manager.hook.send.get_hookimpls()
        return {impl.plugin_name: getattr(impl.plugin, "Options", None) for impl in impls}

    def _failed(self, entry: Entry, hook: str, error: BaseException) -> None:
        entry.failures += 1
        entry.in_a_row += 1
        entry.error = f"{hook}: {type(error).__name__}: {error}"
        log.error("plugin.raised name=%s hook=%s failures=%d", entry.name, hook, entry.failures, exc_info=error)
        if (entry.in_a_row >= SET_ASIDE_AFTER or isinstance(error, HookTimeout)) and hook != "send":
            entry.status = f"set aside: {entry.error}"
            log.error("plugin.set_aside name=%s", entry.name)


class HookTimeout(Exception):
    """A hook did not answer in time."""


def _asked(hook: str, function: Callable[..., object], arguments: Iterable[object]) -> object:
    return _checked(hook, function(*arguments))


def _in_time(hook: str, function: Callable[..., object], arguments: Iterable[object]) -> object:
    """The answer, or its error, if it comes in time; a thread that goes on for ever is left behind."""
    answers: list[object] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(_asked(hook, function, arguments))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - raised again by who asked
            errors.append(error)

    thread = threading.Thread(target=work, name=f"plugin-{hook}", daemon=True)
    thread.start()
    thread.join(TIME_LIMIT)
    if thread.is_alive():
        raise HookTimeout(f"no answer within {TIME_LIMIT:g} s")
    if errors:
        raise errors[0]
    return answers[0]


def _checked(hook: str, answer: object) -> object:
    """The answer if it is of the hook's type; a generator fails when drained, so it is drained here."""
    if answer is None or hook == "on_audit":
        return None
    if hook in OR_ONE and isinstance(answer, COLLECTIONS[hook]):
        return (answer,)
    if hook in COLLECTIONS:
        if not isinstance(answer, Iterable):
            raise TypeError(f"answered {answer!r}, want an iterable of {COLLECTIONS[hook].__name__}")
        answer = tuple(answer)
        for part in answer:
            if not isinstance(part, COLLECTIONS[hook]):
                raise TypeError(f"answered {part!r}, want {COLLECTIONS[hook].__name__}")
    elif not isinstance(answer, ANSWERS[hook]):
        raise TypeError(f"answered {answer!r}, want {ANSWERS[hook].__name__}")
    return answer


def _package_of(plugin: object) -> str:
    return plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__

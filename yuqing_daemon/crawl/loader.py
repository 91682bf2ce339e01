"""Find the spiders: built-in, of packages, and in a folder, file by file: one broken file hides no other."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from scrapy import Spider

from ..plugins import Plugins
from .taming import describe, tamed

_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_PREFIX = "yuqing_site_spiders_"


@dataclass(slots=True)
class Spiders:
    """The spiders there are, and a line for each thing that is wrong with the others."""

    by_name: dict[str, type[Spider]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def code(self) -> dict[str, tuple[str, ...]]:
        """For each spider the files its own code stands in."""
        return {name: tuple(_files(spider)) for name, spider in self.by_name.items()}

    def add(self, spider: Any, origin: str) -> None:
        """Take a spider class if it has a name that no other has."""
        if not (inspect.isclass(spider) and issubclass(spider, Spider)):
            self.problems.append(f"{origin}: {spider!r} is not a spider class")
            return
        name = getattr(spider, "name", None)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.problems.append(f"{origin}: spider {spider.__name__} has the name {name!r}: want {_NAME.pattern}")
        elif self.by_name.get(name, spider) is not spider:
            other = self.by_name[name].__module__
            self.problems.append(f"{origin}: spider {name!r} is already there, from {other}: give it another name")
        else:
            self.by_name[name] = _with_start(spider)


def load_spiders(folder: str | Path, plugins: Plugins) -> Spiders:
    """Load all spiders. Nothing raises: what cannot be loaded is told in ``problems``. ``""`` means no folder."""
    spiders = Spiders()
    for plugin, classes in plugins.ask("spiders"):
        for spider in classes if isinstance(classes, Iterable) else ():
            spiders.add(spider, f"plugin {plugin}")
    for entry in plugins.entries.values():
        if entry.status.startswith("failed") or entry.error.startswith("spiders:"):
            spiders.problems.append(f"plugin {entry.name}: {entry.error or entry.status}")
    if folder:
        load_folder(Path(folder), spiders)
    return spiders


def load_folder(folder: Path, spiders: Spiders | None = None) -> Spiders:
    """Load the spiders of a folder, file by file, beside others that are there already."""
    spiders = spiders or Spiders()
    if not folder.is_dir():
        spiders.problems.append(f"{folder}: there is no such folder")
        return spiders
    sys.path.append(str(folder.absolute()))  # files of the folder may import each other
    for path in sorted(folder.iterdir()):
        _load_path(path, spiders)
    return spiders


def load_file(file: Path) -> Spiders:
    """Load the spiders of one file of a folder."""
    spiders = Spiders()
    sys.path.append(str(file.parent.absolute()))
    _load_path(file, spiders)
    return spiders


def _load_path(path: Path, spiders: Spiders) -> None:
    is_package = (path / "__init__.py").is_file()
    if path.name.startswith(("_", ".")) or not (is_package or path.suffix == ".py"):
        return
    for file in sorted(path.rglob("*.py")) if is_package else [path]:
        name = _PREFIX + ".".join(file.relative_to(path.parent).with_suffix("").parts)
        try:
            with tamed():
                module = _import(name.removesuffix(".__init__"), file)
        except Exception as error:  # noqa: BLE001 - an import runs other people's code
            spiders.problems.append(f"{file}: {describe(error)}")
        else:
            for spider in _spiders_in(module):
                spiders.add(spider, str(file))


def _import(name: str, file: Path) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    inside = [str(file.parent)] if file.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=inside)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot be imported: {file}")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _spiders_in(module: ModuleType) -> Iterator[type[Spider]]:
    for value in vars(module).values():
        own = inspect.isclass(value) and value.__module__ == module.__name__
        if own and issubclass(value, Spider) and getattr(value, "name", None):
            yield value


def _with_start(spider: type[Spider]) -> type[Spider]:
    """A spider that only has ``start_requests()`` would do nothing, silently: give it the ``start()`` it needs."""
    old = getattr(spider, "start_requests", None)
    if old is None or _definer(spider, "start") not in (None, Spider):
        return spider

    async def start(self: Any) -> AsyncIterator[Any]:
        for each in self.start_requests() or ():
            yield each

    spider.start = start  # type: ignore[method-assign]
    return spider


def _definer(spider: type, method: str) -> type | None:
    return next((parent for parent in spider.__mro__ if method in vars(parent)), None)


def _files(spider: type[Spider]) -> Iterator[str]:
    for parent in spider.__mro__:
        module = sys.modules.get(parent.__module__)
        file = getattr(module, "__file__", None)
        if file and not parent.__module__.startswith(("scrapy.", "builtins")):
            yield file

"""Real crawl workers for tests, and the spiders of an organisation where everything goes wrong."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from farm import Site

from yuqing_daemon.bus import Job, Lost, Result
from yuqing_daemon.bus.pipes import PipeBus
from yuqing_daemon.crawl.once import WORKER

SILENCE = timedelta(seconds=2)

SPIDERS = {
    "good.py": """
        import scrapy
        class Good(scrapy.Spider):
            name = "good"
            def parse(self, response):
                print("a spider may print", flush=True)
                for row in response.css("li"):
                    yield {"链接": response.urljoin(row.css("a::attr(href)").get()), "标题": row.css("a::text").get(),
                           "阅读": row.css(".reads::text").get()}
        """,
    "old.py": """
        import scrapy
        class Old(scrapy.Spider):
            name = "old"
            def __init__(self, word="", **rest):
                super().__init__(**rest)
                self.word = word
            def start_requests(self):
                for url in self.start_urls:
                    yield scrapy.Request(url, callback=self.parse_it)
            def parse_it(self, response):
                title = response.css("title::text").get() + self.word
                return [{"url": response.url, "title": title, "content": "x"}]
        """,
    "raises.py": """
        import scrapy
        class InParse(scrapy.Spider):
            name = "raises-in-parse"
            def parse(self, response):
                raise RuntimeError("no such row")
        class InInit(scrapy.Spider):
            name = "raises-in-init"
            def __init__(self, **rest):
                raise RuntimeError("no such setting")
        class InStart(scrapy.Spider):
            name = "raises-in-start"
            async def start(self):
                raise RuntimeError("no such start")
                yield
        class Half(scrapy.Spider):
            name = "raises-half-way"
            def parse(self, response):
                yield {"url": response.url, "title": "the first"}
                raise RuntimeError("the second")
        """,
    "quits.py": """
        import sys, os
        import scrapy
        class Exit(scrapy.Spider):
            name = "sys-exit"
            def parse(self, response):
                yield {"url": response.url, "title": "before"}
                sys.exit("I want to go")
        class PlainExit(scrapy.Spider):
            name = "sys-exit-plain"
            def parse(self, response):
                sys.exit(0)
        class AsyncExit(scrapy.Spider):
            name = "sys-exit-async"
            async def parse(self, response):
                sys.exit(0)
        class Interrupt(scrapy.Spider):
            name = "interrupt"
            def parse(self, response):
                raise KeyboardInterrupt
        class InitExit(scrapy.Spider):
            name = "sys-exit-init"
            def __init__(self, **rest):
                sys.exit(0)
        class ErrbackExit(scrapy.Spider):
            name = "sys-exit-errback"
            def parse(self, response):
                yield scrapy.Request(response.url + "missing", errback=self.failed)
            def failed(self, failure):
                sys.exit(0)
        class Odd(BaseException):
            pass
        class BaseError(scrapy.Spider):
            name = "base-exception"
            def parse(self, response):
                raise Odd("odd")
        class OsExit(scrapy.Spider):
            name = "os-exit"
            def parse(self, response):
                os._exit(0)
        class StopReactor(scrapy.Spider):
            name = "reactor-stop"
            def parse(self, response):
                from twisted.internet import reactor
                reactor.stop()
        class StopLoop(scrapy.Spider):
            name = "loop-stop"
            async def parse(self, response):
                import asyncio
                asyncio.get_running_loop().stop()
        class PipelineExit(scrapy.Spider):
            name = "pipeline-exit"
            custom_settings = {"ITEM_PIPELINES": {"yuqing_site_spiders_quits.Pipeline": 1}}
            def parse(self, response):
                yield {"url": response.url, "title": "t"}
        class Pipeline:
            def process_item(self, item, spider):
                sys.exit(7)
        """,
    "blocks.py": """
        import os, re, signal, time
        import scrapy
        class Sleeps(scrapy.Spider):
            name = "sleeps"
            def parse(self, response):
                time.sleep(1000)
        class Spins(scrapy.Spider):
            name = "spins"
            def parse(self, response):
                while True:
                    pass
        class Regex(scrapy.Spider):
            name = "regex"
            def parse(self, response):
                re.match("(a+)+$", "a" * 60 + "!")
        class Dies(scrapy.Spider):
            name = "dies"
            def parse(self, response):
                os.kill(os.getpid(), signal.SIGKILL)
        class Segfault(scrapy.Spider):
            name = "segfault"
            def parse(self, response):
                import ctypes
                ctypes.string_at(0)
        """,
    "floods.py": """
        import scrapy
        class Links(scrapy.Spider):
            name = "endless-links"
            def parse(self, response):
                number = int(response.url.rpartition("=")[2] or 0) if "=" in response.url else 0
                for more in range(10):
                    yield scrapy.Request(f"{response.url.partition('?')[0]}?n={number * 10 + more + 1}")
        """,
    "floods_requests.py": """
        import scrapy
        class Requests(scrapy.Spider):
            name = "endless-requests"
            def parse(self, response):
                number = 0
                while True:
                    number += 1
                    yield scrapy.Request(f"{response.url}?n={number}")
        """,
    "leaks.py": """
        import scrapy
        class Leaks(scrapy.Spider):
            name = "leaks"
            kept = []
            def parse(self, response):
                while True:
                    self.kept.append(bytes(10_000_000))
        """,
    "floods_items.py": """
        import scrapy
        class Items(scrapy.Spider):
            name = "endless-items"
            def parse(self, response):
                number = 0
                while True:
                    number += 1
                    yield {"url": f"{response.url}{number}", "title": "again"}
        """,
    "odd.py": """
        import scrapy
        class Nothing(scrapy.Spider):
            name = "nothing"
            async def start(self):
                return
                yield
        class Own(scrapy.Spider):
            name = "own-settings"
            custom_settings = {
                "TELNETCONSOLE_ENABLED": True, "REMOTE_CONTROL_ENABLED": True, "DOWNLOAD_MAXSIZE": 0,
                "DOWNLOAD_HANDLERS": {"file": "scrapy.core.downloader.handlers.file.FileDownloadHandler"},
                "DOWNLOADER_MIDDLEWARES": {}, "SPIDER_MIDDLEWARES": {}, "ROBOTSTXT_OBEY": False,
            }
            download_maxsize = 0
            def parse(self, response):
                for name in ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "DOWNLOAD_MAXSIZE"):
                    yield {"url": f"{response.url}{name}", "title": f"{name}={self.settings[name]}"}
                yield scrapy.Request("file:///etc/hostname", self.parse_file)
            def parse_file(self, response):
                yield {"url": "http://example.com/file", "title": "read a file"}
        class Bad(scrapy.Spider):
            name = "bad-items"
            def parse(self, response):
                yield {"title": "no url"}
                yield {"url": response.url + "x", "title": "good"}
        class Ask(scrapy.Spider):
            name = "asks"
            def __init__(self, what="", **rest):
                super().__init__(**rest)
                self.what = what
            def parse(self, response):
                yield {"url": response.url, "title": "asked"}
                yield scrapy.Request(self.what, self.parse_it)
            def parse_it(self, response):
                yield {"url": response.url, "title": "got it"}
        class Meta(scrapy.Spider):
            name = "passes-meta-on"
            def parse(self, response):
                yield scrapy.Request(response.url + "more", self.parse_more, meta=dict(response.meta))
            def parse_more(self, response):
                yield {"url": response.url, "title": "more"}
        class Upper(scrapy.Spider):
            name = "Not A Name"
        """,
    "fed.py": """
        import time
        import scrapy
        from scrapy import signals
        from scrapy.exceptions import DontCloseSpider
        class Fed(scrapy.Spider):  # as scrapy-redis has them: waits at a queue until it has been idle for long enough
            name, redis_key = "fed", "fed:start_urls"
            @classmethod
            def from_crawler(cls, crawler, *given, **named):
                spider = super().from_crawler(crawler, *given, **named)
                spider.patience = crawler.settings.getint("MAX_IDLE_TIME_BEFORE_CLOSE")
                crawler.signals.connect(spider.idle, signal=signals.spider_idle)
                return spider
            def start_requests(self):
                return (scrapy.Request(url, dont_filter=True) for url in self.queue.split())
            def __init__(self, queue="", **rest):
                super().__init__(**rest)
                self.queue, self.since = queue, time.time()
            def idle(self):
                if not self.patience or time.time() - self.since < self.patience:
                    raise DontCloseSpider
            def parse(self, response):
                yield {"url": response.url, "title": "fed"}
        """,
    "twin.py": "import scrapy\nclass Twin(scrapy.Spider):\n    name = 'good'\n",
    "broken_syntax.py": "def (:\n",
    "broken_import.py": "import no_such_module\n",
    "broken_name.py": "no_such_name\n",
    "broken_exit.py": "import sys\nsys.exit(3)\n",
}


class Crew:
    """Two workers that live as long as the tests of a folder. A lost job is put again, as the engine would."""

    def __init__(self, spiders_dir: Path, **settings: Any) -> None:
        told = {"spiders_dir": str(spiders_dir), "contact": "https://example.com/about", **settings}
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.bus = PipeBus(WORKER, workers=2, settings=told, silence=SILENCE, grace=timedelta(seconds=3))
        self._wait(self.bus.start())

    def _wait(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(40)

    def crawl(self, *jobs: Job) -> list[Result | Lost]:
        """What came back, in the order of the jobs."""
        return self._wait(self._crawl(jobs))

    async def _crawl(self, jobs: tuple[Job, ...]) -> list[Result | Lost]:
        for job in jobs:
            await self.bus.put(job)
        back = {each.job: each for each in [await self.bus.get() for _ in jobs]}
        return [back[job.id] for job in jobs]

    def result(self, job: Job) -> Result:
        """The result of one job."""
        (result,) = self.crawl(job)
        assert isinstance(result, Result), result
        return result

    def stop(self) -> None:
        self._wait(self.bus.stop(timedelta(0)))
        self.loop.call_soon_threadsafe(self.loop.stop)


def write_spiders(folder: Path) -> Path:
    for name, code in SPIDERS.items():
        lines = code.strip("\n").splitlines()
        indent = len(lines[0]) - len(lines[0].lstrip())
        (folder / name).write_text("\n".join(line[indent:] for line in lines) + "\n")
    return folder


@pytest.fixture(scope="session")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    crew = Crew(write_spiders(tmp_path_factory.mktemp("spiders")))
    yield crew
    crew.stop()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def other() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()

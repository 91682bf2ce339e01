"""Spiders of the real scrapy-redis, at a real Redis: a visit empties the queue, and ends."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from crew import Crew
from farm import Answer, Site, job, source
from redis_server import RedisServer

from yuqing_daemon.bus import Job, Visit

KEY = "town:start_urls"
SPIDERS = """
    from scrapy.linkextractors import LinkExtractor
    from scrapy.spiders import Rule
    from scrapy_redis.spiders import RedisCrawlSpider, RedisSpider

    class Town(RedisSpider):
        name, redis_key = "town", "{key}"
        custom_settings = {{"REDIS_URL": "{url}"}}

        def parse(self, response):
            yield {{"链接": response.url, "标题": response.css("title::text").get()}}

    class Shared(Town):  # its requests, fingerprints and items lie in Redis, too
        name = "shared"
        custom_settings = {{
            "REDIS_URL": "{url}",
            "SCHEDULER": "scrapy_redis.scheduler.Scheduler",
            "DUPEFILTER_CLASS": "scrapy_redis.dupefilter.RFPDupeFilter",
            "ITEM_PIPELINES": {{"scrapy_redis.pipelines.RedisPipeline": 300}},
        }}

    class Consoled(Shared):
        name = "consoled"

        def parse(self, response):
            yield response.follow("/gone", self.parse, errback=self.failed)

        def failed(self, failure):
            yield {{"url": failure.request.url, "title": f"HTTP {{failure.value.response.status}}"}}

    class Follows(RedisCrawlSpider):
        name, redis_key = "follows", "{key}"
        custom_settings = {{"REDIS_URL": "{url}"}}
        rules = [Rule(LinkExtractor(allow="/n/"), callback="read")]

        def read(self, response):
            yield {{"url": response.url, "title": response.css("title::text").get()}}
"""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def readers(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    pytest.importorskip("scrapy_redis")
    folder: Path = tmp_path_factory.mktemp("spiders")
    (folder / "town.py").write_text(textwrap.dedent(SPIDERS.format(key=KEY, url=redis.url)))
    crew = Crew(folder)
    yield crew
    crew.stop()


def a_job(site: Site, spider: str, number: int = 1) -> Job:
    return job(source(site, spider=spider), id=f"r{number}", deadline=timedelta(seconds=30))


@pytest.mark.parametrize("spider", ["town", "shared"])
def test_a_visit_reads_what_waits_in_the_queue_and_ends_when_it_is_empty(
    redis: RedisServer, readers: Crew, site: Site, spider: str
) -> None:
    for number in range(20):  # more than one batch
        site.pages[f"/{spider}/{number}"] = f"<title>第{number}条</title>"
        redis.client.rpush(KEY, json.dumps({"url": f"{site.url}/{spider}/{number}"}))
    result = readers.result(a_job(site, spider))
    assert (result.visit, result.error) == (Visit.READ, "")
    assert {post.title for post in result.posts} == {f"第{number}条" for number in range(20)}
    assert redis.client.llen(KEY) == 0


def test_a_request_with_an_errback_of_the_spider_goes_through_the_queue(
    redis: RedisServer, readers: Crew, site: Site
) -> None:
    site.pages["/start"] = "<title>x</title>"
    redis.client.rpush(KEY, json.dumps({"url": f"{site.url}/start"}))
    assert [post.title for post in readers.result(a_job(site, "consoled", 7)).posts] == ["HTTP 404"]


def test_an_empty_queue_is_no_failure_and_what_comes_later_is_read_at_the_next_visit(
    redis: RedisServer, readers: Crew, site: Site
) -> None:
    result = readers.result(a_job(site, "town", 2))
    assert (result.visit, result.posts, result.error) == (Visit.READ, (), "")
    site.pages["/later"] = "<title>迟到的消息</title>"
    redis.client.rpush(KEY, json.dumps({"url": f"{site.url}/later"}))
    assert [post.title for post in readers.result(a_job(site, "town", 3)).posts] == ["迟到的消息"]


def test_a_crawl_spider_follows_links_and_the_guard_holds_for_what_stands_in_the_queue(
    redis: RedisServer, readers: Crew, site: Site, other: Site
) -> None:
    site.pages["/list"] = '<a href="/n/1">a</a> <a href="/about">b</a>'
    site.pages["/n/1"] = "<title>食堂的汤</title>"
    other.pages["/inside"] = Answer("<title>secret</title>")
    for url in (f"{other.url}/inside", f"{site.url}/list"):
        redis.client.rpush(KEY, json.dumps({"url": url}))
    result = readers.result(a_job(site, "follows", 4))
    assert [post.title for post in result.posts] == ["食堂的汤"]
    assert other.asked == []


def test_a_redis_that_is_gone_fails_visibly(readers: Crew, redis: RedisServer, site: Site) -> None:
    redis.kill()
    result = readers.result(a_job(site, "town", 5))
    assert result.visit is Visit.FAILED
    assert "ConnectionError" in result.error

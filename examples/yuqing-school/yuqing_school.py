"""One school's forum and its own words."""

from yuqing_daemon import Match, hookimpl


@hookimpl
def spiders():
    """The forum; Scrapy is imported only here, for only the crawl workers ask."""
    import scrapy

    class Forum(scrapy.Spider):
        name = "school-forum"  # without start_urls: it starts where the source says

        def parse(self, page):
            for row in page.css("li.thread"):
                yield {
                    "url": page.urljoin(row.css("a::attr(href)").get()),
                    "title": row.css("a::text").get(),
                    "text": row.css("p::text").get(""),
                    "reads": row.css(".reads::text").get(),
                }

    return [Forum]


@hookimpl
def match_post(post):
    """What no single word says: somebody fell ill from what the canteen served."""
    if "食堂" in post.title + post.text and "吃坏" in post.title + post.text:
        yield Match(topic="food-safety", span="食堂", why="食堂 and 吃坏 in one post")

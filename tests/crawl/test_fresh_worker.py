"""A worker that was just started is as quick as an old one."""

from __future__ import annotations

import textwrap
from pathlib import Path

from crew import Crew
from farm import Site, article, job, listing, source

ZEALOUS = """
    import sys
    import scrapy

    before = set(sys.modules)

    class Counts(scrapy.Spider):
        name = "counts"

        def parse(self, response):
            new = sorted(set(sys.modules) - before)
            new = [name for name in new if not name.startswith(("yuqing_site_spiders", "encodings"))]
            yield {"url": response.url, "title": "imported by visits: " + " ".join(new)}
"""


def test_its_first_visits_import_nothing(tmp_path: Path, site: Site, other: Site) -> None:
    (tmp_path / "zealous.py").write_text(textwrap.dedent(ZEALOUS))
    other.pages["/"] = listing(("/n/20260501001.html", "第1001号公告：关于三号生产线检修的说明"))
    other.pages["/n/20260501001.html"] = article("第1001号公告：关于三号生产线检修的说明")
    crew = Crew(tmp_path)
    try:
        site.pages["/"] = "<title>x</title>"
        for spider in ("auto", "page", "forum"):
            crew.result(job(source(other, id=spider, spider=spider)))
        result = crew.result(job(source(site, spider="counts")))
        assert [post.title for post in result.posts] == ["imported by visits:"]
    finally:
        crew.stop()

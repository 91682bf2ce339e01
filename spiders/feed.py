"""A feed: RSS, RDF, Atom or JSON Feed."""

from __future__ import annotations

from .base import SiteSpider


class FeedSpider(SiteSpider):
    """Reads the entries of a feed; an entry with its whole text needs no visit to its page."""

    name = "feed"

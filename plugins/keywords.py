"""Finds the topics' words in posts: any, all and none of the words a topic lists."""

from __future__ import annotations

from yuqing_daemon import Match, Post, Topic, hookimpl
from yuqing_daemon.text.matcher import Matcher

_latest = Matcher(())


@hookimpl(trylast=True)
def match_post(post: Post, topics: tuple[Topic, ...]) -> tuple[Match, ...]:
    """The words found, for every topic the post belongs to.

    The compiled matcher is kept while the very same ``topics`` is asked for: comparing or hashing thousands of
    words for every post would cost more than finding them.
    """
    global _latest
    if _latest.topics is not topics:
        _latest = Matcher(topics)
    return _latest.find(post)

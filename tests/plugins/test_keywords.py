"""The built-in matcher behind the hook."""

from __future__ import annotations

from datetime import UTC, datetime

from yuqing_daemon.domain import Match, Post, Topic
from yuqing_daemon.hookspecs import hookimpl
from yuqing_daemon.plugins import Plugins
from yuqing_plugins import keywords

POST = Post(
    url="https://bbs.example/1", source="bbs", title="青禾酸奶变质", fetched_at=datetime(2025, 3, 1, tzinfo=UTC)
)


class School:
    """An organisation's own matcher."""

    @hookimpl
    def match_post(self, post: Post) -> list[Match]:
        return [Match(topic="school", span=post.title[:2])]


def test_the_words_of_the_topics_are_found_through_the_hook_after_other_plugins() -> None:
    plugins = Plugins()
    plugins.register(School(), "school")
    plugins.register(keywords, "keywords")
    topics = (Topic(id="food", any=("变质",)),)
    answers = list(plugins.ask("match_post", post=POST, topics=topics))
    assert [name for name, _ in answers] == ["school", "keywords"]
    assert [match.span for match in keywords.match_post(POST, topics)] == ["变质"]
    assert answers[1][1] == keywords.match_post(POST, topics)


def test_the_matcher_is_kept_for_the_same_topics_and_made_anew_for_others() -> None:
    topics = (Topic(id="food", any=("变质",)),)
    keywords.match_post(POST, topics)
    kept = keywords._latest
    keywords.match_post(POST, topics)
    assert keywords._latest is kept
    assert keywords.match_post(POST, (Topic(id="food", any=("异物",)),)) == ()

"""What holds of every query and every post, whatever they are."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from yuqing_daemon.domain import Post, Topic
from yuqing_daemon.text.matcher import Matcher
from yuqing_daemon.text.query import And, Count, Near, Node, Not, Or, Regex, Sentence, Word, Words
from yuqing_daemon.text.query_reader import parse_query

settings.register_profile("patient", deadline=None, max_examples=60)  # the first one may load the dictionary
settings.load_profile("patient")

TERMS = ("青禾", "变质", "禾苗", "异物", "京东", "qh", "苗变")
LISTS = (("brand", ("青禾", "qh")), ("bad", ("变质", "异物")))
PIECES = (*TERMS, "，", "。", "的", " ", "\u200b", "京·东", "變質", "ＱＨ", "qhx")

words = st.builds(
    Word,
    st.sampled_from(TERMS),
    st.sampled_from(("", "", "", "title", "text")),
    st.sampled_from(((), (), ("case",), ("exact",))),
    st.sampled_from(((), (), ("-separators",), ("-traditional", "-case"))),
)
lists = st.sampled_from([Words(tuple(Word(term) for term in terms), name) for name, terms in LISTS])
plain = st.one_of(words, lists, st.builds(lambda some: Or(tuple(some)), st.lists(words, min_size=2, max_size=3)))
simple = st.one_of(
    plain,
    st.builds(Near, plain, plain, st.integers(0, 6), st.booleans()),
    st.builds(lambda some: Sentence(tuple(some)), st.lists(plain, min_size=2, max_size=3)),
    st.builds(Count, plain, st.integers(1, 3)),
    st.builds(Regex, st.sampled_from(("青.质", "[变異]质?")), st.sampled_from(("", "title"))),
)
nodes: st.SearchStrategy[Node] = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.builds(lambda some: And(tuple(some)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda some: Or(tuple(some)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)
texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
posts = st.builds(
    lambda title, text: Post(url="", source="", title=title, text=text, fetched_at=datetime(2025, 3, 1, tzinfo=UTC)),
    texts,
    texts,
)


def topic(node: Node | str, id: str = "t") -> Topic:
    return Topic(id=id, query=str(node), lists=LISTS)


def holds(node: Node | str, post: Post) -> bool:
    return Matcher((topic(node),)).explain(post)[0].matched


@given(nodes)
def test_every_query_reads_back_as_itself(node: Node) -> None:
    read = parse_query(str(node), dict(LISTS))
    assert parse_query(str(read), dict(LISTS)) == read


@given(nodes, posts)
def test_every_reason_is_a_query_that_holds_of_the_post(node: Node, post: Post) -> None:
    (verdict,) = Matcher((topic(node),)).explain(post)
    assert holds(verdict.why, post)


@given(nodes, posts)
def test_the_reason_for_a_hit_found_again_gives_the_same_answer(node: Node, post: Post) -> None:
    (verdict,) = Matcher((topic(node),)).explain(post)
    if verdict.matched and "NOT" not in str(node):
        (again,) = Matcher((topic(verdict.why),)).explain(post)
        assert (again.matched, again.why) == (True, verdict.why)


@given(nodes, posts)
def test_the_evidence_is_what_stands_there(node: Node, post: Post) -> None:
    for match in Matcher((topic(node),)).explain(post)[0].matches:
        field = post.title if match.field == "title" else post.text
        assert field[match.start : match.end] == match.span


@given(nodes, posts)
def test_not_is_the_contrary_and_binds_to_the_next_word_or_group_only(node: Node, post: Post) -> None:
    assert holds(Not(node), post) is not holds(node, post)
    both = holds(f"({node}) NOT 变质 NOT 异物", post)
    assert both is (holds(node, post) and not holds("变质", post) and not holds("异物", post))


@given(st.lists(nodes, min_size=2, max_size=4), posts)
def test_no_rule_changes_what_another_one_finds(some: list[Node], post: Post) -> None:
    topics = tuple(topic(node, str(number)) for number, node in enumerate(some))
    together = Matcher(topics)
    alone = [match for one in topics for match in Matcher((one,)).find(post)]
    assert list(together.find(post)) == alone
    assert [verdict.why for verdict in together.explain(post)] == [
        Matcher((one,)).explain(post)[0].why for one in topics
    ]


@given(nodes, posts)
def test_what_is_found_is_what_is_explained(node: Node, post: Post) -> None:
    """A topic is judged only if one of its words was found, and that misses nothing that has evidence."""
    matcher = Matcher((topic(node),))
    assert matcher.find(post) == matcher.explain(post)[0].matches

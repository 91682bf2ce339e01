"""From posts to events and levels (R5-R7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from world import COMPLAINT, Demanding, World

from yuqing_daemon import EventState, Level
from yuqing_daemon.domain import Act
from yuqing_daemon.store import alike, gists
from yuqing_daemon.store import events as store
from yuqing_daemon.text import gist
from yuqing_daemon.text.index import StoryIndex

CANTEEN = (
    "青禾乳业的经销商昨天送来一批纯牛奶，打开后发现已经变质，闻起来有酸味，结块明显。"
    "我们已经联系区域经理要求退货，对方说需要拍照存证并寄回样品，检测结果一周后告知。"
)


def test_a_matching_post_opens_one_event_and_a_post_about_something_else_opens_none(world: World) -> None:
    world.visit("forum", world.post(), world.post(title="周末天气", text="周末晴，适合出游。" * 5))
    event = world.event()
    assert (event.code, event.topic, event.level, event.title) == ("E1", "quality", Level.GENERAL, "青禾酸奶里有异物")
    assert event.heat.posts == 1


def test_the_first_visit_to_a_source_alerts_nobody_about_old_posts(world: World) -> None:
    source = world.engine.settings.sources[0]
    world.configure(
        sources=(*world.engine.settings.sources, type(source)(id="new", urls=("https://new.cn/",), site="new"))
    )
    world.visit(
        "new",
        *(world.post("new", title=f"青禾酸奶有异物，第{n}例", text=f"第{n}例：" + COMPLAINT) for n in range(1000)),
    )
    assert world.events() == []
    assert world.deliveries() == []
    world.visit("new", world.post("new", title="青禾酸奶又见异物", text=CANTEEN))
    assert world.event().heat.posts == 1


def test_an_old_post_that_moves_after_the_first_visit_does_open_an_event(world: World) -> None:
    source = world.engine.settings.sources[0]
    world.configure(
        sources=(*world.engine.settings.sources, type(source)(id="new", urls=("https://new.cn/",), site="new"))
    )
    old = world.post("new")
    world.visit("new", old)
    world.read(old, reads=5000, comments=3)
    world.clock.pass_(minutes=5)
    world.read(old, reads=5999, comments=3)
    assert world.events() == []
    world.clock.pass_(minutes=5)
    world.read(old, reads=6000, comments=3)
    assert world.event().level is Level.EXTRAORDINARY  # its readings count in full now


def test_the_same_article_on_another_site_is_the_same_event_and_counts_the_site(world: World) -> None:
    world.visit("forum", world.post())
    world.visit(
        "press1", world.post("press1", title="家长称青禾酸奶有异物 青禾乳业暂无回应", text="记者获悉，" + COMPLAINT)
    )
    event = world.event()
    assert (event.heat.posts, event.heat.mainstream, event.level) == (2, 1, Level.MAJOR)


def test_another_happening_under_the_same_topic_is_another_event(world: World) -> None:
    world.visit("forum", world.post(), world.post(title="青禾纯牛奶变质", text=CANTEEN))
    assert len(world.events()) == 2


def test_a_sites_own_furniture_does_not_make_different_stories_one(world: World) -> None:
    footer = "免责声明：本网站转载内容均来自网络，不代表本网站观点。如有侵权请联系删除，联系电话见页脚。"
    for n in range(3):
        story = "，".join(f"{chr(0x4E00 + 40 * n + k) * 10}{k}" for k in range(12))
        world.visit(
            "forum", world.post(title=f"{chr(0x5E00 + n) * 9}青禾鲜奶变质", text=f"青禾鲜奶变质，{story}。{footer}")
        )
    world.visit("forum", world.post(title="门店回应青禾鲜奶变质投诉", text=f"青禾鲜奶变质，已经退款。{footer}"))
    assert [event.heat.posts for event in world.events()] == [1] * 4


def test_a_post_whose_url_comes_again_unchanged_changes_nothing(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    before = (world.event(), len(world.deliveries()))
    world.clock.pass_(minutes=5)
    world.visit("forum", post)
    assert (world.event(), len(world.deliveries())) == before


def test_comments_and_reads_of_all_posts_count_together_and_unknown_is_not_zero(world: World) -> None:
    here, there = world.post(), world.post("press1", title="青禾酸奶里有异物？", text=COMPLAINT)
    world.visit("forum", here)
    assert world.event().heat.reads is None
    world.visit("press1", there)
    world.read(here, reads=1500)
    world.read(there, reads=1499, comments=None)
    assert (world.event().heat.reads, world.event().heat.comments, world.event().level) == (2999, None, Level.MAJOR)
    world.clock.pass_(minutes=1)
    world.read(there, reads=1500)
    assert world.event().level is Level.EXTRAORDINARY


def test_a_counter_that_falls_keeps_its_highest_value_for_the_level(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=900)
    world.clock.pass_(minutes=1)
    world.read(post, reads=400)
    assert world.event().heat.reads == 900


def test_each_rise_is_on_record_with_its_reason(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, reads=1000)
    world.clock.pass_(minutes=1)
    world.read(post, reads=3000)
    raised = world.record("event.raised")
    assert [(entry["was"], entry["level"], entry["reason"]) for entry in raised] == [
        ("GENERAL", "MAJOR", "reads 1000 >= 1000"),
        ("MAJOR", "EXTRAORDINARY", "reads 3000 >= 3000"),
    ]


def test_a_level_never_falls_by_itself(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    world.read(post, comments=500)
    world.clock.pass_(hours=1)
    world.read(post, comments=10)
    assert world.event().level is Level.EXTRAORDINARY


def test_a_plugin_can_raise_an_event_and_never_lower_it(world: World) -> None:
    world.engine.plugins.register(Demanding(Level.MAJOR), "demanding")
    post = world.post()
    world.visit("forum", post)
    assert world.event().level is Level.MAJOR
    world.read(post, reads=3000)
    assert world.event().level is Level.EXTRAORDINARY


def test_an_event_is_over_after_48_quiet_hours_and_opens_again_when_it_stirs(world: World) -> None:
    world.visit("forum", world.post())
    world.pass_(hours=47, minutes=59)
    assert world.event().state is EventState.FOUND
    world.pass_(minutes=1)
    assert world.event().state is EventState.OVER
    world.visit("press1", world.post("press1", title="追踪：青禾酸奶异物", text="两天前，" + COMPLAINT))
    assert world.event().state is EventState.FOUND
    assert not world.event().is_acknowledged
    assert world.told("raise:major") or world.told("reopened")


def test_an_event_lives_under_the_regime_it_opened_under(world: World, company: object) -> None:
    post = world.post()
    world.visit("forum", post)
    regime = world.engine.settings.regime
    floors = tuple(
        type(rule)(level=rule.level, floors=type(rule.floors)(reads=10), steps=rule.steps) for rule in regime.levels
    )
    world.configure(
        regime=type(regime)(**{name: getattr(regime, name) for name in regime.__slots__} | {"levels": floors})
    )
    world.read(post, reads=500)
    assert world.event().level is Level.GENERAL


def test_authors_are_kept_as_keyed_hashes_only(world: World) -> None:
    world.visit("forum", replace(world.post(), author="江南小李"))
    with world.engine.store.read() as connection:
        (author,) = connection.exec_driver_sql("select author from post where author != ''").scalars()
        dump = "".join(
            str(row)
            for table in ("post", "audit", "delivery")
            for row in connection.exec_driver_sql(f"select * from {table}")
        )
    assert len(author) == 32
    assert "江南小李" not in dump


@pytest.mark.parametrize("minutes", [5])
def test_open_events_posts_are_looked_at_again_soon_and_closed_ones_no_more(world: World, minutes: int) -> None:
    world.visit("forum", world.post())
    world.clock.pass_(minutes=minutes)
    (job,) = [job for job in world.jobs() if job.source.id == "forum"]
    assert len(job.revisit) == 1
    assert job.revisit[0].startswith("https://forum.cn/")
    world.pass_(hours=49)
    assert all(not job.revisit for job in world.jobs())
    assert timedelta(minutes=minutes) == world.engine.settings.crawl.revisit_at_least


IN_OTHER_WORDS = (
    "江南市青禾酸奶异物一事有了下文：超市今天上午清空了货架，青禾乳业的客服说要等第三方检测，检出塑料碎片的那批已经召回，"
    "家长可凭小票退货。孩子拉肚子的那家说还在等电话登记的答复。"
)


def test_what_may_be_the_same_happening_is_suggested_and_a_person_decides(world: World) -> None:
    world.visit("forum", world.post())
    world.visit("forum", world.post(title="青禾酸奶异物：超市下架", text=IN_OTHER_WORDS))
    world.visit("forum", world.post(title="青禾的牛奶变质", text=CANTEEN))
    events = {event.code: event for event in world.events()}
    with world.engine.store.read() as connection:
        (other, likeness), *rest = alike.perhaps_the_same(connection, events["E1"])
    assert (other.code, rest) == ("E2", [])
    assert likeness >= gist.SUGGEST
    world.engine.act("E2", Act.MERGE, by="wang", reason="the same", data={"into": "E1"}, now=world.clock.now)
    with world.engine.store.read() as connection:
        assert alike.perhaps_the_same(connection, events["E1"]) == []


RECALL = (
    "江南市市场监管局昨日通报，青禾乳业二厂四月三日生产的酸奶中检出异物，系塑料碎片，涉事的一万二千盒产品已责令召回。"
    "通报称，碎片来自灌装线上老化的密封圈。青禾乳业总经理陆远航在发布会上道歉，表示将更换全部灌装设备。"
    "记者了解到，涉事批次主要销往江南、临川两市的超市，消费者凭小票可以退货。"
)
RECALL_AGAIN = (
    "记者从青禾乳业获悉，该公司决定召回四月三日由二厂生产的一批酸奶。此前，临川一名家长发现其中有异物并向媒体反映。"
    "公司总经理陆远航回应称，塑料碎片出在灌装线，密封圈老化，目前生产线已停。市场监管局的工作人员说，"
    "一万二千盒产品中已有九成下架，检测报告将在十日内公布。"
)


def relations(world: World, code: str) -> list[tuple[str, str]]:
    with world.engine.store.read() as connection:
        found = store.relations(connection, int(code[1:])).values()
        return [(each["relation"], each["reason"]) for each in found]


def test_the_same_happening_in_other_words_is_one_event_and_the_record_says_by_which(world: World) -> None:
    world.visit("forum", world.post(title="青禾召回酸奶", text=RECALL))
    world.visit("press1", world.post("press1", title="一批酸奶密封圈老化", text=RECALL_AGAIN))
    assert world.event().heat.posts == 2
    (joined,) = world.record("event.joined")
    assert (joined["relation"], str(joined["reason"]).split(":")[0]) == ("retold", "in other words, 37% alike")
    assert {"密封圈", "灌装线", "陆远航"} & set(str(joined["reason"]).split(": ")[1].split(", "))


def test_it_is_another_event_once_the_first_has_not_stirred_for_as_long_as_the_regime_says(world: World) -> None:
    world.visit("forum", world.post(title="青禾召回酸奶", text=RECALL))
    world.clock.pass_(days=31)
    world.visit("press1", world.post("press1", title="一批酸奶密封圈老化", text=RECALL_AGAIN))
    assert len(world.events()) == 2


def test_what_a_person_dismissed_takes_in_nothing_that_is_told_in_other_words(world: World) -> None:
    world.visit("forum", world.post(title="青禾召回酸奶", text=RECALL))
    world.engine.act("E1", Act.DISMISS, by="wang", reason="an exercise", now=world.clock.now)
    world.visit("press1", world.post("press1", title="一批酸奶密封圈老化", text=RECALL_AGAIN))
    assert [event.heat.posts for event in world.events()] == [1, 1]


def test_what_a_person_split_stays_split_and_further_posts_join_what_they_are_nearer_to(world: World) -> None:
    world.visit("forum", world.post(title="青禾召回酸奶", text=RECALL))
    again = world.post("press1", title="一批酸奶密封圈老化", text=RECALL_AGAIN)
    world.visit("press1", again)
    world.engine.act("E1", Act.SPLIT, by="wang", reason="two", data={"posts": [again.url]}, now=world.clock.now)
    world.clock.pass_(minutes=5)
    more = replace(again, text=RECALL_AGAIN + "涉事门店已经公布名单。", fetched_at=world.clock.now)
    world.visit("press1", more, world.post("press1", title="密封圈老化", text=RECALL_AGAIN.replace("。", "；")))
    assert [event.heat.posts for event in world.events()] == [1, 2]


def test_what_a_person_merged_is_told_by_the_words_of_both(world: World) -> None:
    world.visit("forum", world.post(title="青禾酸奶异物", text=COMPLAINT))
    world.visit("press1", world.post("press1", title="青禾召回酸奶", text=RECALL))
    assert len(world.events()) == 2
    world.engine.act("E2", Act.MERGE, by="wang", reason="the same", data={"into": "E1"}, now=world.clock.now)
    world.visit("press1", world.post("press1", title="一批酸奶密封圈老化", text=RECALL_AGAIN))
    assert [relation for relation, _ in relations(world, "E1")] == ["first", "retold", "retold"]


def test_events_of_an_older_version_are_learned_when_the_daemon_tidies_up_and_old_ones_forgotten(world: World) -> None:
    world.visit("forum", world.post(title="青禾召回酸奶", text=RECALL))
    with world.engine.store.write() as connection:
        gists.forget(connection, [1])
    world.engine.housekeeping(now=world.clock.now)
    world.visit("press1", world.post("press1", title="一批酸奶密封圈老化", text=RECALL_AGAIN))
    assert world.event().heat.posts == 2
    world.engine.housekeeping(now=world.clock.pass_(days=31))
    with world.engine.store.read() as connection:
        assert gists.about(connection, [1]) == {}


FOOTER = "本页内容由江南信息平台整理发布如有疑问请拨打热线电话咨询工作人员"


@pytest.mark.parametrize(("sites", "number"), [(("forum", "forum"), 3), (("forum", "press1"), 2)])
def test_what_one_site_alone_puts_under_two_events_is_its_own_here_as_among_stories(
    world: World, sites: tuple[str, str], number: int
) -> None:
    stories = StoryIndex()
    said = [f"青禾鲜奶变质，{'，'.join(f'{n}{part}' * 9 for part in '甲乙丙丁戊己')}。{FOOTER}" for n in "春夏"]
    short = f"青禾鲜奶变质。{FOOTER}"
    for site, text in [*zip(sites, said, strict=True), ("press2", short)]:
        world.visit(site, world.post(site, title="", text=text))
        stories.place(text, site, "", text)
    assert len(world.events()) == number
    assert len({post.story for post in stories.posts}) == number

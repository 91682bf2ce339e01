"""The same happening in other words is one event; what only sounds alike is not, for a wrong merge hides an event."""

from __future__ import annotations

from itertools import permutations

import pytest

from yuqing_daemon.text.index import EventIndex

RECALL = (
    "江南市市场监管局昨日通报，青禾乳业二厂四月三日生产的原味酸奶中检出塑料碎片，涉事的一万二千盒产品已责令召回。"
    "通报称，碎片来自灌装线上老化的密封圈。青禾乳业总经理陆远航在发布会上道歉，表示将更换全部灌装设备，"
    "消费者凭小票可到购买门店退款。记者了解到，涉事批次主要销往江南、临川两市的超市。"
)
RECALL_AGAIN = (
    "记者从青禾乳业获悉，该公司决定召回四月三日由二厂生产的一批原味酸奶。此前，临川一名家长在酸奶里发现塑料碎片并向媒体反映。"
    "公司总经理陆远航回应称，问题出在灌装线的密封圈老化，目前生产线已停。江南市市场监管局的工作人员说，"
    "一万二千盒产品中已有九成下架，其余正在追回，检测报告将在十日内公布。"
)
STRIKE = (
    "记者从临川市了解到，青禾乳业临川物流园的六十余名货车司机前天起停运，要求补发三个月的运费。"
    "物流园负责人孙立群表示，拖欠的运费共四百二十万元，因承包商资金周转困难，公司将先行垫付一半。"
    "当地人社局的工作人员已到场协调，媒体报道后，部分门店出现断货，公司发布消息称不影响学校供奶。"
)
FIRE = (
    "本报讯 昨晚八时许，青禾乳业江南市总厂的包装车间起火，消防部门出动九辆消防车，明火于两小时后被扑灭，没有人员伤亡。"
    "据现场工人介绍，起火的是堆放纸箱的东侧库房。江南市消防支队通报称，起火原因正在调查，"
    "过火面积约八百平方米。青禾乳业发布公告表示，总厂停产三天，订单由二厂承接，记者将继续关注。"
)
FIRE_SHORT = "江南市青禾总厂包装车间昨晚起火，烧了堆纸箱的东侧库房，九辆消防车去了，没人受伤，说是过火八百平方米。"
PLASTIC_SHORT = "青禾二厂四月三日那批原味酸奶要召回一万二千盒，说是灌装线密封圈老化掉了塑料碎片，陆远航都出来道歉了。"

ONE = {
    "two reports of a recall": (RECALL, RECALL_AGAIN),
    "a report and a short word of the fire": (FIRE, FIRE_SHORT),
    "a report and a short word of the recall": (RECALL, PLASTIC_SHORT),
    "another report and a short word of the recall": (RECALL_AGAIN, PLASTIC_SHORT),
    "two short words of a crash": (
        "青禾的奶罐车在临川绕城高速鹰嘴隧道口侧翻，四十吨鲜奶淌了一路，双向堵了五公里。",
        "鹰嘴隧道堵死了，绕城高速上青禾一辆奶罐车侧翻，鲜奶全淌在路上，临川交警在清。",
    ),
    "a guest and a passer-by of one tasting": (
        "我在万象广场试喝青禾新品荔枝奶昔，主持人打翻了奶桶，台下的小丑和乐队全被浇了一身，笑死。",
        "万象广场青禾的荔枝奶昔试喝会翻车了，主持人碰倒奶桶，浇了小丑和乐队一身，台下全笑疯了。",
    ),
}
APART = {
    "two bellies": (
        "昨天买的青禾酸奶，喝完肚子疼了一夜，打客服电话没人接，气死了。",
        "孩子喝了青禾酸奶拉肚子，去医院看了，客服让我们等三个工作日，什么态度。",
    ),
    "a fly and a hair": (
        "青禾酸奶里喝出一只苍蝇，找超市，超市让我找厂家，踢皮球。",
        "青禾酸奶里喝出一根头发，超市说给我退一盒，我不要，我要厂家道歉。",
    ),
    "a swollen box and a sour one": (
        "在小区门口超市买的青禾酸奶，还没过期就胀包了，打开一股怪味，扔了。",
        "青禾酸奶没到保质期，打开酸得发苦，问了客服说正常，谁信啊。",
    ),
    "two late orders": (
        "青禾官网订的牛奶，说好周一送，到周四了还没到，客服只会说抱歉。",
        "订了青禾的鲜奶半年卡，这周漏送两次，打电话给送奶工说换人了，客服只会说抱歉。",
    ),
    "two prices": (
        "青禾纯牛奶又涨价了，一箱从五十六涨到六十三，喝不起了。",
        "同一箱青禾纯牛奶，网上四十九，超市六十三，这价格差得也太多了。",
    ),
    "a card and a coupon": (
        "青禾的会员卡充了五百块，门店说倒闭就倒闭，余额退不了，客服说不归他们管。",
        "青禾小程序抢的优惠券到门店用不了，店员说系统问题，客服说不归他们管。",
    ),
    "a cap and a straw": (
        "青禾乳酸菌的瓶盖拧开就碎，塑料渣掉进去了，小孩差点喝下去，客服让我寄回检测。",
        "青禾儿童奶的吸管戳断在盒子里，小孩差点吞下去，找客服，让我寄回检测。",
    ),
    "mould here and mould there": (
        "刚买的青禾奶酪棒发霉了，一排绿毛，生产日期是上个月的，求助怎么投诉。",
        "青禾吐司买回来第二天就发霉，绿毛一片，生产日期看不清，求助怎么投诉。",
    ),
    "two long accounts of bad service": (
        "我在青禾旗舰店买了两箱纯牛奶，收到的时候外箱破了，里面漏了三盒，我拍照联系客服，客服让我等，等了两天没有回复。"
        "我又打电话，对方说要登记，让我等三个工作日。我现在就想问问，有没有人管，我要退款，太让人失望了。" * 2,
        "我给我妈订了青禾的鲜奶，每天早上送到家，我妈说最近的奶味道不对，我联系客服，客服说会登记，让我等三个工作日。"
        "等了一周也没有回复，我又打电话，换了一个人，又让我登记。我就想问问，我要退款怎么这么难，太让人失望了。" * 2,
    ),
    "two long accounts of one kind of harm": (
        "我家孩子三岁，上周六在家喝了青禾酸奶，半小时以后开始拉肚子，晚上发烧，我们去了医院，医生说是急性肠胃炎，输了两天液。"
        "我联系客服，客服说要提供病历和小票，我都提供了，现在没有下文。我想问问其他家长，你们的孩子有没有出现这种情况。",
        "我和我老公前天晚上喝了青禾酸奶，半夜两个人都拉肚子，我还吐了，早上去医院，医生说是急性肠胃炎，开了药。"
        "我联系客服，客服说要提供病历，我提供了，他们说要调查。我想问问大家，你们买的有没有问题，我要投诉他们。",
    ),
    "a fire and a strike": (FIRE, STRIKE),
    "a recall and a strike": (RECALL, STRIKE),
    "a recall and a fire": (RECALL, FIRE),
    "a report and a complaint about something else": (
        RECALL,
        "青禾酸奶的小票丢了，超市不给退款，我在江南市这家店买了三年了，店员还翻白眼。",
    ),
    "a report and somebody's own mishap": (
        RECALL_AGAIN,
        "我在超市买的青禾酸奶里吃出一块硬东西，像塑料，我要求退款，媒体能不能管管。",
    ),
    "two strikes in two towns": (
        STRIKE,
        "记者从海平市了解到，青禾乳业海平物流中心的装卸工昨天起停工，要求提高计件工资。"
        "中心负责人何秀兰表示，工资由劳务公司发放，公司正与对方协商，预计本周内有结果。"
        "当地工会的工作人员已到场协调，记者看到，部分超市货架上的鲜奶减少，公司发布消息称供应正常。",
    ),
}


def is_one(first: str, second: str, *before: str) -> bool:
    """Whether the second of two posts joins the first, under a topic that knows its brand."""
    events = EventIndex(without=("青禾", "酸奶", "牛奶"))
    for number, text in enumerate(before):
        events.place(number, "", "", text, None)
    return events.place("a", "", "", first, None) == events.place("b", "", "", second, None)


@pytest.mark.parametrize("pair", ONE.values(), ids=ONE.keys())
def test_who_tells_of_the_same_happening_in_other_words_is_one_event_with_it(pair: tuple[str, str]) -> None:
    assert [is_one(*order) for order in permutations(pair)] == [True, True]


@pytest.mark.parametrize("pair", APART.values(), ids=APART.keys())
def test_what_happened_to_others_or_elsewhere_stays_an_event_of_its_own(pair: tuple[str, str]) -> None:
    assert [is_one(*order) for order in permutations(pair)] == [False, False]


def test_two_of_a_series_are_two_happenings_however_alike_they_read() -> None:
    numbers = [("5", "6"), ("5", "５"), ("5", "")]
    titles = [[f"通告（2026年第{number}期）" if number else "通告" for number in pair] for pair in numbers]
    found = []
    for first, second in titles:
        events = EventIndex(without=("青禾", "酸奶", "牛奶"))
        found.append(events.place("a", "", first, RECALL, None) == events.place("b", "", second, RECALL_AGAIN, None))
    assert found == [False, True, True]

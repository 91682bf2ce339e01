"""Sensitive subjects (R6): broad lists of words, because a miss is the costly error; a person confirms.

A subject is found by a word that stands for it alone, or by a thing and a trouble in the same words. Things without
trouble are everyday life. What must not count is said with the word it would be mistaken for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .features import plain
from .words import WordIndex

HEAD = 60  # characters of a text without title that are read in its place


@dataclass(frozen=True, slots=True)
class Finding:
    """A subject and the words it was found by."""

    subject: str
    why: tuple[str, ...]


class Subject:
    """The words of one subject, as texts with blanks between them."""

    def __init__(self, *, alone: str, things: str = "", troubles: str = "", never: str = "") -> None:
        self._alone = WordIndex(alone.split())
        self._things = WordIndex(things.split())
        self._troubles = WordIndex(troubles.split())
        self._never = tuple(never.split())

    def find(self, words: str) -> tuple[str, ...]:
        """What it is found by; nothing if it is not."""
        for mistaken in self._never:
            words = words.replace(mistaken, " ")
        if alone := self._alone.find(words):
            return tuple(alone)[:3]
        things, troubles = self._things.find(words), self._troubles.find(words)
        return (next(iter(things)), *tuple(troubles)[:2]) if things and troubles else ()


SUBJECTS = {
    "mass_incident": Subject(
        alone="群体性事件 聚众 集体上访 群访 越级上访 静坐 游行 示威 罢工 罢课 罢市 罢运 围堵 冲击政府 打砸 骚乱 暴动 械斗 "
        "拉横幅 堵路 堵门 集体维权 集体抗议 万人签名 非法集会",
        things="业主 村民 群众 家长 工人 学生 司机 村民们 农民工 储户",
        troubles="聚集 抗议 对峙 冲突 讨薪 讨说法 上访 维权",
    ),
    "food": Subject(
        alone="食品安全 食物中毒 食安 毒奶粉 毒豆芽 毒大米 僵尸肉 病死猪 注水肉 瘦肉精 苏丹红 三聚氰胺 过期食品 变质食品 "
        "集体腹泻 鼠头鸭脖 假酒 毒酒 问题奶粉 淋巴肉 槽头肉 科技与狠活 餐具不洁 吃出 有毒 中毒",
        things="食品 食物 食堂 外卖 餐 饭 菜 肉 奶 面包 蛋糕 零食 饮料 饮用水 矿泉水 酒 茶饮 火锅 烧烤 汤 粥 面条 米粉 月饼 "
        "水果 蔬菜 鸡蛋 海鲜 鱼 虾 油 粽子 辣条 糖 饼 包子 饺子 调料 酱油 盐 厨房 后厨 吃到 喝到",
        troubles="发霉 霉变 变质 过期 馊 腐烂 腐败 发臭 异物 虫 蟑螂 老鼠 苍蝇 头发 钢丝 拉肚子 腹泻 呕吐 中毒 添加剂 防腐剂 "
        "农药 超标 不合格 抽检 下架 召回 掺假 造假 冒充 以次充好 注水 倒回 回收 口水 吐口水 尿 喂狗 喂猫 洗脚 脏 不卫生 恶心 "
        "卫生堪忧 黑作坊 无证 问题羊肉 问题牛肉 问题猪肉 问题食品 毒 致癌 大肠杆菌 沙门氏菌 细菌",
        never="一氧化碳中毒 煤气中毒 沼气中毒 吃出来的 毒舌 恶毒 油画 加油 油价 油耗 石油 汽油 柴油 机油 奶奶 病毒 中毒太深 禁毒 吸毒 贩毒 毒品 肉眼 鱼雷 酒店 油漆 "
        "饭圈 菜鸟 糖尿 回收站 营养餐补贴 酒驾 酒后 酒精",
    ),
    "health": Subject(
        alone="疫情 疫病 传染病 霍乱 鼠疫 埃博拉 禽流感 猴痘 登革热 诺如病毒 聚集性感染 病毒采样 核酸 院内感染 医疗事故 "
        "医疗纠纷 误诊 假药 劣药 毒疫苗 问题疫苗 问题药 禁售 停售药 药品召回 黑诊所 非法行医 医闹 过度医疗 骗保 血荒 "
        "医疗废物 医疗垃圾 艾滋病 结核病 职业病 尘肺 代孕 器官买卖 不明疾病 感染高发 病毒感染 神药 无行医资质",
        things="医院 医生 医师 护士 诊所 手术 药 药品 疫苗 医美 整形 抽脂 患者 病人 产妇 医疗 卫健委 药监 血液 医保 体检 针剂",
        troubles="死亡 身亡 去世 致死 致残 感染 被罚 处罚 立案 调查 违规 违法 召回 不良反应 副作用 虚假 假冒 造假 无证 失误 "
        "感染者 误 天价 乱收费 拒诊 拒收 猝死 晕倒 通报 举报 停业 停诊 纱布",
        never="推妻坠海骗保 心理医生 药丸 犬瘟热病毒 不存在违规 火药 弹药 农药 误会 误区 孕妇坠崖",
    ),
    "disaster": Subject(
        alone="地震 震区 震感 余震 抗震 灾区 灾情 洪水 洪灾 洪涝 内涝 山洪 暴雨 台风 飓风 龙卷风 泥石流 山体滑坡 滑坡 塌方 "
        "海啸 火山喷发 山火 森林火灾 旱灾 干旱 雪灾 寒潮红色 冰雹 雹灾 沙尘暴 决堤 溃坝 救灾 抢险 受灾 灾后 级地震 堰塞湖 "
        "强降雨 自然灾害 应急响应 雪崩 地面塌陷 火山再度喷发",
        never="韩娱地震 娱乐圈地震 官场地震 人事地震 职场地震 地震棚 台风眼 情绪山洪 头脑风暴",
    ),
    "safety": Subject(
        alone="爆炸 爆燃 起火 着火 失火 大火 火灾 坠机 坠毁 空难 撞机 踩踏 高坠 坠楼 坠崖 坠落 坠亡 坠河 坠井 坠江 翻车 侧翻 "
        "翻船 沉船 脱轨 追尾 连环撞 相撞 车祸 碰撞 撞上 撞人 冲撞 碾压 坍塌 倒塌 垮塌 塌陷 矿难 透水 瓦斯 一氧化碳 煤气中毒 "
        "泄漏 泄露事故 触电 溺水 溺亡 窒息 中毒身亡 安全事故 生产安全 安全生产 重大事故 事故调查 客机事故 交通事故 施工事故 "
        "事故致 伤亡 遇难 质量问题 刹车失灵 自燃 电梯困人 拆除事故 辗压 电梯故障 漏电 被困 失联客机 紧急迫降 备降 迫降 机舱 客机 豆腐渣",
        things="事故 天花板 外墙 广告牌 飞机 航班 列车 高铁 地铁 大巴 校车 汽车 货车 工地 工厂 矿 电梯 桥 大楼 住宅 楼 游乐 缆车 船 厂房 锅炉 "
        "燃气 煤气 化工 烟花 加油站 充电桩 电池 特斯拉 隧道 脚手架 塔吊",
        troubles="致死 死亡 身亡 死 受伤 伤者 重伤 轻伤 被埋 失控 断裂 断了 脱落 冒烟 故障 坠 掉落 砸 鸟群 鸟击 起降异常 召回 隐患 塌 炸 撞",
        never="推妻坠海 坠海骗保 探身拍摄坠车 坠入爱河 撞脸 撞衫 撞色 人气爆炸 信息爆炸 演技爆炸 颜值爆炸 没有火灾 孕妇坠崖 "
        "坠崖案 桥段 被困难 楼市 楼主 死党 意外事故 大火星 大火的 大火了 客机票",
    ),
    "secrecy": Subject(
        alone="间谍 泄密 窃密 失密 国家秘密 国家安全 涉密 机密文件 绝密 保密 境外情报 情报机关 策反 军事禁区 军事机密 卧底拍照 "
        "国安部 国安机关 敏感数据出境 内部文件 红头文件外泄 数据泄露 信息泄露 商业秘密",
        never="保密协议 女间谍 间谍过家家 间谍片 保密到家",
    ),
}


def find_subjects(title: str, text: str = "") -> tuple[Finding, ...]:
    """The sensitive subjects of a title, or of the beginning of a text that has none.

    >>> find_subjects("某地食堂吃出老鼠头")
    (Finding(subject='food', why=('吃出',)),)
    >>> find_subjects("韩娱地震"), find_subjects("食堂上新了三道菜")
    ((), ())
    """
    return tuple(_found(plain(title) or plain(text)[:HEAD]))


def _found(words: str) -> Iterator[Finding]:
    for id, subject in SUBJECTS.items():
        if why := subject.find(words):
            yield Finding(id, why)

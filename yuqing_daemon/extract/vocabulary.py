"""The words by which parts of a page are recognised: in class and id names, and in what the page says.

One place to extend when a new kind of page shows words that are not here. No word may belong to a single site.
"""

from __future__ import annotations

import re


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def _any(text: str) -> str:
    """An alternative of all the words of a text, for a regular expression."""
    return "|".join(text.split())


# -- class and id names, cut into words -----------------------------------------------------------

# A block so named holds no article text, unless it holds the headline or most of the page's text.
SIDE_NAMES = words("""
    comment comments pinglun reply replies gentie tie footer foot copyright disclaimer statement statements declare
    declaration shengming sidebar side aside nav navbar menu crumb crumbs breadcrumb breadcrumbs mbx weizhi related
    relate relative relevant xiangguan recommend recommended recommends recommendation tuijian rec guess hot hots
    rank ranking paihang share shares sharing fenxiang bdsharebuttonbox bdshare like likes digg ad ads advert
    advertisement gg guanggao banner sponsor promo popup pop modal dialog login qrcode qcode erweima
    ewm weixin wechat subscribe newsletter pager pagination paging prev next prenext toolbar tool tools print closeprint
    fontsize report jubao feedback support bio tag tags keywords tuwen hidden none app download
""")
COMMENT_NAMES = words("comment comments reply replies pinglun tie gentie")
BODY_NAMES = words("""
    article articlebody content contents body text artibody endtext zoom main story post entry detail details editor txt
    con neirong zhengwen message postmessage markdown
""")
FIRST_POST = re.compile(r"(?:post_?message|post_content|msg)_?\d+")  # the id that board software gives a post's text
TITLE_NAMES = words("title tit headline bt biaoti dabiaoti topic subject heading entry")
OTHER_TITLE_NAMES = words("sub subtitle second fubiaoti sidebar list site small")
TIME_NAMES = words("""
    time date pubtime pubdate publish published info source meta post ptime timestamp byline shijian riqi authi
""")
SOURCE_NAMES = words("source laiyuan copyfrom origin where ly")
AUTHOR_NAMES = words("author writer byline zuozhe reporter")
NICK_NAMES = words("nickname nick")

# -- what the page says ---------------------------------------------------------------------------

_EDITORIAL = _any("""
    责任?编辑 責任編輯 责编 編輯 编辑 审核 校对 值班编委 美编 监制 终审 初审 复审 编审
    本文来源 文章来源 信息来源 稿源 来源 來源 关键[词字] 标签 上一[篇条] 下一[篇条] 分享到 分享至 分享 打印 字号 字体
    浏览次数 浏览量 点击数 点击量 点击次数 阅读数 阅读量 扫一扫 扫码 微信扫一扫
    阅读原文 查看原文 原文链接 发布时间 发布日期 发布者 发布人 收藏 举报 纠错 点赞
    点击进入专题 进入专题 更多精彩 查看更多 展开全文 展开 点击查看
    用微信扫描 收录于 发送邮件至 (?:新闻)?[报爆]料(?:热线|电话|邮箱)?
    关闭窗口 返回顶部 返回列表 我要评论 我要纠错 附件下载
""")
EDITORIAL_LINE = re.compile(
    rf"^[（(【\[\s]*(?:{_EDITORIAL})(?:\s*[:：/|】\])）]|.{{0,14}}$)|^上一[篇条].*下一[篇条]|^[（(【\[]?\s*完\s*[)）】\]]?$"
    r"|^[-—=_*~\s]{2,}(?:(?:分[隔割]线|正文结束|END)[-—=_*~.\s]*)?$|^END$"
)
LEGAL_LINE = re.compile(
    "|".join(
        (
            "版权所有|版权声明|免责声明|特别声明|郑重声明|禁止转载|转载请(?:注明|联系)|正文已结束|风险自担|ICP备|信息存储(?:空间)?服务",
            "未经(?:书面|本网|本站)?(?:授权|许可|允许|同意).{0,12}(?:转载|使用|复制)|不代表.{0,14}(?:观点|立场)",
            "仅代表(?:作者|该机构).{0,8}观点|仅供参考.{0,20}(?:不构成|风险)|不构成.{0,10}投资建议",
            "Copyright|All rights reserved|©",
            "(?:打开|下载|安装).{0,10}(?:APP|客户端|app|App).{0,12}$|扫描.{0,10}二维码|欢迎关注.{0,16}(?:公众号|微信)",
        )
    )
)
CONTACT_LINE = re.compile(
    r"地址[:：]|邮编|电话[:：]|热线[:：]|许可证|举报(?:电话|邮箱)|备案|ICP|公网安备|主办单位|承办单位|技术支持|网站标识码|营业执照|客服"
)
# Lines between the headline and the text: time, source, counters, tools.
BYLINE = re.compile(
    r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}|\d{1,2}[:：]\d\d|昨天|前天|今天|\d+\s*(?:分钟|小时|天)前|刚刚|"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d|"
    r"^(?:来源|來源|作者|记者|編輯|编辑|查看|浏览|阅读|点击|评论|回复|积分|发表于|字体|字号|大中小|关注|已关注|收藏|分享|打印|扫一扫|"
    r"当前位置|您的位置|首页|听新闻|朗读|语音播报|A[-+]|T\s*\+)",
)
NEXT_POST = re.compile(r"^(?:\S{1,16}\s+)?(?:发表于|回复于|回帖时间|#?\d{1,4}\s*[楼#])")
_MORE = _any(
    "相关 推荐 延伸 热门 热点 精彩 更多 最新 编辑 猜你 今日 往期 精选 为你 网友 最热 全部 你可能 大家都?在? 本类 栏目"
)
_THINGS = _any("""
    阅读 新闻 推荐 文章 报道 報導 内容 链接 资讯 专题 评论 喜欢 想看 看 回顾 热点 跟[贴帖] 视频 话题 讨论
    精选 搜索 图集 图片 标签 信息 帖子 感兴趣的?
""")
MORE_HEADING = re.compile(
    rf"^[【\[\s#▲●■◆]*(?:(?:{_MORE}|发表|我来|我要|用户)?(?:评论|跟[贴帖]|留言)|(?:{_MORE})\s*[·|]?\s*(?:{_THINGS}))"
    r"(?:列表|专?区)?(?:\s*[:：>》】\]].{0,3})?(?:\s*[(（]?\d*[)）]?\s*(?:条|人)?)$"
)
SITE_NAME = re.compile(
    r"(?:网|網|报|報|新闻|资讯|社区|在线|频道|頻道|论坛|首页|门户|門戶|官网|网站|客户端|新闻中心|公众号|政府|局|委员会|集团|医院|大学)$|\.(?:com|cn|net|org)\b"
)
TIME_LABEL = re.compile(r"发布|發布|發佈|发表|發表|时间|時間|日期|刊发|来源|來源|作者|published|posted", re.IGNORECASE)
OTHER_TIME_LABEL = re.compile(
    r"更新|修改|编辑于|截止|截至|有效期|成文|最后|回复|注册|登录|updated|modified|copyright|©", re.IGNORECASE
)

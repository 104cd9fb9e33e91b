"""Chinese follow-ups made standalone by rules: 那病假呢？ 它什么时候生效？ 怎么申请？ 上海呢？

Plain text in, plain text out. The result is a search query that a person can read.
"""

import re
from typing import Final

from kbchat.analysis.han import han_tagged
from kbchat.answering.courtesies import without_courtesies

_ASKING: Final = (
    r"是什么|是啥|什么是|有哪些|有什么|是多少|有多少|是谁|多少|几(?=[天个次小周年月日元种点])|怎么样|怎么办|怎么|"
    r"怎样|如何|什么时候|何时|"
    r"什么|在哪里|在哪儿|在哪|哪里|哪儿|哪些|哪个|由谁|找谁|谁|多久|多长时间|多长|为什么|为何|能不能|"
    r"可不可以|是不是|有没有|"
    r"是否|能否|可否|吗$|呢$"
)
# What happens to a topic, or is done with it, said without it: 没休完怎么办, 会作废吗.
_HAPPENING: Final = (
    r"作废|失效|过期|逾期|超期|延期|顺延|清零|累计|兑现|折现|折算|超标|超支|超出|超过|到账|审核|复核|核准|通过|"
    r"拒绝|驳回|撤回|撤销|退回|退还|归还|更换|更新|续签|转让|补办|补交|忘记|丢失|遗失|休完|用完"
)
# What may follow the topic: modal verbs and general predicates.
_PREDICATE: Final = (
    r"可以|能够|能|需要|需|必须|要|应该|应|该怎|会|得|包括|包含|规定|生效|开始|结束|到期|最多|最少|最长|"
    r"最短|最高|最低|一共|"
    r"总共|至少|提前|适用|有(?=\D)|是(?=\D)|算|怕|还"
)
# General deeds: they say what is done with a topic and are no part of it.
_DEED: Final = (
    r"申请|审批|批准|办理|提交|报销|享受|使用|获得|领取|预订|预定|了解|查询|查看|计算|缴纳|请|休|拿|用|放|"
    r"报|订|签|找|查|看|"
    r"做|买|加入|参加|填写|修改|取消|延长|结转|发放|处理|负责|联系|知道"
)
_MEASURE: Final = r"(?:个工作日|工作日|个小时|小时|个月|周|星期|天|日|年|次|元|块钱|钱|个|种|项|人|份)"
_PERSON: Final = (
    r"(?:试用期|正式|兼职|全职|外包|新|老|在职|离职|合同制?|派遣|外籍|普通|女|男)?(?:员工|职工)|兼职|全职|新人|实习生|"
    r"经理|主管|总监|高管|"
    r"管理层|管理人员|领导|外包人员|合同工|临时工|顾问|应届生|家属"
)
_PLACE: Final = (
    r"北京|上海|广州|深圳|天津|重庆|成都|杭州|南京|武汉|西安|苏州|青岛|厦门|长沙|郑州|沈阳|大连|宁波|合肥|"
    r"福州|济南|昆明|"
    r"哈尔滨|香港|澳门|台北|台湾|新加坡|东京|日本|伦敦|英国|纽约|美国|巴黎|法国|柏林|德国|海外|国外|国内|"
    r"境外|境内|外地|本地"
)
_TIME: Final = re.compile(
    r"^(?:在)?((?:19|20)\d{2}\s*年?|今年|去年|明年|前年|上半年|下半年|本月|下个?月|上个?月)$"
)
_MOMENT: Final = (
    r"(?:每|这|下|本|上)?个?(?:(?:周|星期|礼拜)[一二三四五六日天末]|平时|平日|工作日|休息日|双休日|(?:法定)?节假?日|"
    r"春节|国庆节?|元旦|中秋节?|端午节?|清明节?|劳动节|五一|十一|早上|上午|中午|下午|晚上|夜间|夜里|凌晨|深夜|"
    r"(?:这|下|本|上)个?(?:周|星期|礼拜|月|季度)|[年季月][初底末]|\d{1,2}月)(?:上午|下午|晚上|以后|之后|以前|之前|期间)?"
)
# What is added to a question and exchanged for nothing in it: 工作满十年的, 离职后, 没休完.
_CONDITION: Final = re.compile(
    r"试用期(?:内|里|期间)?|.+(?:的|(?<![工小])时|时候|[以之]?[前后]|期间|情况下?|完|了|过|以上|以下|以内)|.*第[一二两三四五六七八九十\d]+[年个次天月].*|"
    r"(?:没|未|不[是到够满能在足用]|超[过出标额期时支]).+"
)
_RELATIVE_YEAR: Final = re.compile(r"(?:19|20)\d{2}\s*年?|今年|去年|明年|前年")

_CONNECTIVE: Final = re.compile(
    r"^(?:那么|那(?!个|些|种|项|边|里|时|天|年|份)|还有|另外|然后|所以|而且|但是|不过|好的?|嗯)[，,、\s]*"
)
_ENDING: Final = re.compile(r"[\s？?。.！!，,；;：:]+$")
_POLITE: Final = re.compile(
    r"^(?:请问一下|请问|想问一下|想问|我想知道|我想了解一下?|我想问一?下?|想知道|告诉我|请告诉我|请介绍一下|"
    r"介绍一下|介绍|"
    r"请解释一下|解释一下|说明一下|说说|讲讲|麻烦问一下|关于|对于|有关)+[，,\s]*"
)
_OWNER: Final = re.compile(
    r"^(?:在)?(?:我们|咱们|本|贵|我|你们|咱)?(?:公司|单位|部门|集团|的)?(?:里|内|对于|对|关于)?的?(?=.)"
)
_FRAGMENT: Final = re.compile(
    r"^(?:如果是|要是|如果|换成|换做|对于|关于|至于|对|在)?(.{1,14}?)(?:的话)?(?:呢|又怎么样|又如何|"
    r"也是吗|也一样吗|一样吗|也可以吗|也有吗)$"
)
# These lead in a follow-up behind 那 or 还有, and are a question of their own otherwise: 福利怎么样？
_LED_FRAGMENT: Final = re.compile(r"^(.{1,14}?)(?:的话)?(?:怎么样|如何|可以吗)$")
_BARE_FRAGMENT: Final = re.compile(
    rf"^(?:在)?({_PLACE}|(?:19|20)\d{{2}}\s*年?|(?:{_PERSON})(?=$|也?(?:可以|能|行)吗$))(?:也?(?:可以|能|行)吗)?$"
)
_REFERENCE: Final = re.compile(
    r"它们|(?:他们|她们)(?!的?(?:公司|单位|集团))|它|他(?![们人])|她(?!们)|(?:这|那(?!个谁))(?!个?(?:月|周|季度|星期|礼拜))(?:个|项|种|些|条|份|款|类)?(?=(?P<thing>政策|制度|规定|"
    r"办法|假期?|流程|"
    r"项目|系统|产品|费用|补贴|文件|手册|条款|标准|要求|申请|福利|活动|培训|工具|设备)?)(?!样|么|里|边|时|"
    r"天|年|次|位|儿)|"
    r"(?<![应我你不])该(?=(?P<named>政策|制度|规定|办法|假期?|流程|项目|系统|产品|费用|补贴|文件|手册|条款|"
    r"标准))|"
    r"此(?=项|政策|制度|规定|标准)|上述(?:的)?|前者|后者|其(?=最|中|上|下|有|适|生|标|范|金|期|时|流|费|负|"
    r"具|他?规)(?![他它实余次中])"
)
# The segmenter makes a word of 它会, too, in which 它 points back.
_BEGUN_BY_A_PRONOUN: Final = frozenset(
    ["其他", "其它", "其中", "其余", "其实", "其次", "其间", "他人", "他国", "他乡"]
)
# Times and measures that are no matter of their own: 周五能休吗, 可以请半天吗, 能分几次休.
_WHEN: Final = r"周末|(?:周|星期|礼拜)[一二三四五六日天]|上午|下午"
_HOW_MUCH: Final = r"半[天日年]?|能?分(?=[几成两]|$)|分[批次段]"
_INCLUDED: Final = re.compile(rf"(包括|包含|算上?)(?:法定)?(?:{_MOMENT})")
_GRAMMAR: Final = re.compile(
    rf"{_WHEN}|{_HOW_MUCH}|{_ASKING}|{_PREDICATE}|{_HAPPENING}|{_DEED}|{_MEASURE}|请问|我们?|你们?|员工|公司|大家|本人|自己|的|了|吗|呢|吧|"
    rf"今年|明年|去年|后年|下一?年|下个?月|啊|呀|都|也|就|还|再|又|"
    r"才|先|从|由|向|跟|和|与|在|到|对|给|把|被|让|为|以|后|前|内|里|上|下|中|每|一|二|两|三|不|没|次|时间|"
    r"时候|条件|材料|步骤|"
    r"手续|流程|上限|下限|限制|标准|要求|期限|原因|详细|具体|更多|一点|一些|有|是|可|最[多少长短高低晚早]|"
    r"[\s，,。？?！!、]"
)
# A matter of its own though made of general words, unless what was spoken of is an expense: 如何报销？
_OWN_MATTER: Final = re.compile(r"报销|请假|休假|年会")
_EXPENSE: Final = re.compile(r"(?:[费票据款]|费用|开支)(?:标准|补贴)?$")
_ASPECT: Final = re.compile(r"原因|流程|条件|材料|步骤|标准|期限|上限|手续|要求")


def topic(question: str) -> str:
    """The thing a question is about: 公司的年假有多少天？ → 年假, 我可以休几天年假？ → 年假."""
    rest = _ENDING.sub("", _CONNECTIVE.sub("", without_courtesies(question)))
    rest = _OWNER.sub("", _POLITE.sub("", rest))
    rest = re.sub(r"(?:的话)?[吗呢吧啊]$", "", rest)
    counted = re.search(rf"(?:多少|几(?!点))\s*{_MEASURE}?的?([\u4e00-\u9fffA-Za-z].+)$", rest)
    if counted and not re.match(r"前|内|以|后|才|可以|吗|时间", counted.group(1)):
        return _trimmed(counted.group(1))
    held = re.search(r"(?<!没)有(?:没有)?(?!多少|几|哪|什么|效|关)([\u4e00-\u9fffA-Za-z]{2,})$", rest)
    if held:
        return _trimmed(held.group(1))
    cut = re.search(rf"{_ASKING}|{_PREDICATE}", rest)
    before = _without_deed(rest[: cut.start()].strip("的，, ")) if cut else rest
    person = re.fullmatch(rf"(?:{_PERSON}|我们?|你们?|员工们?)?(?:每[年月周天])?", before)
    if cut and (len(before) < 2 or person):
        after = re.sub(rf"^(?:{_ASKING}|{_PREDICATE}|{_DEED}|[我你]们?|员工|才)+", "", rest[cut.start() :])
        return _trimmed(after) or before or rest
    return before or rest


def _without_deed(text: str) -> str:
    """A topic cut off before its predicate, less a deed on either side: 报销差旅费 → 差旅费, 年假申请 →
    年假申请."""
    shorter = re.sub(rf"^(?:{_DEED})(?=.{{2,}})", "", text)
    return shorter if len(shorter) >= 2 else text


def _trimmed(text: str) -> str:
    cut = re.search(rf"{_ASKING}|(?:{_PREDICATE})(?=.)", text)
    return (text[: cut.start()] if cut and cut.start() >= 2 else text).strip("的，, ")


def standalone(text: str, previous: str, subject: str) -> str:
    """`text` with what it leaves out taken from the `previous` question, whose topic is `subject`.

    Returns `text` unchanged when it already stands alone."""
    body = _ENDING.sub("", without_courtesies(text))
    bare = _ENDING.sub("", _CONNECTIVE.sub("", body))
    fragment = _FRAGMENT.match(bare) or (_LED_FRAGMENT.match(bare) if bare != body else None)
    if fragment and not re.search(_ASKING, fragment.group(1)) and not _reference(fragment.group(1)):
        part = re.sub(r"也$", "", fragment.group(1))
        if _GRAMMAR.sub("", part) or re.fullmatch(f"{_TIME.pattern}|{_MOMENT}|{_CONDITION.pattern}", part):
            return _substituted(previous, part, subject)
    if named := _BARE_FRAGMENT.match(bare):
        return _substituted(previous, named[1], subject)
    reference = _reference(bare)
    if reference and not _is_explained(bare[: reference.start()], reference[0]):
        return f"{_with_reference(bare, reference, subject)}？"
    if _lacks_topic(bare, subject):
        return f"{subject}{'的' if _ASPECT.match(bare) else ''}{bare}？"
    return text


def _reference(text: str) -> re.Match[str] | None:
    """The first word that points back; not within another word, as in 土耳其, 吉他 and 其中."""
    begun: dict[int, str] = {}
    place = 0
    for word, _ in han_tagged(text):
        begun[place] = word
        place += len(word)
    for found in _REFERENCE.finditer(text):
        if found.start() in begun and begun[found.start()] not in _BEGUN_BY_A_PRONOUN:
            return found
    return None


def _lacks_topic(text: str, subject: str) -> bool:
    """A question whose words are all grammar and general deeds; 请假 and 上班 are words of their own."""
    own = _OWN_MATTER.search(text)
    if own and not (own[0] == "报销" and _EXPENSE.search(subject)):
        return False
    text = _INCLUDED.sub(r"\1", text)
    unknown = _GRAMMAR.sub("", text)
    is_grammar = not unknown or (len(unknown) < 2 and not re.search(_WHEN, text))
    return is_grammar and all(len(word) < 2 or not _GRAMMAR.sub("", word) for word, _ in han_tagged(text))


def _is_explained(before: str, pronoun: str) -> bool:
    """Whether the question itself says of whom or what it speaks: 员工离职时，他的电脑, 电脑坏了，它."""
    if pronoun[0] in "他她":
        return re.search(_PERSON, before) is not None
    said = before.rpartition("，")[0] or before.rpartition(",")[0]
    return pronoun[0] in "它其" and len(_GRAMMAR.sub("", re.sub(f"{_PLACE}|{_PERSON}|如果", "", said))) >= 2


def _with_reference(text: str, reference: re.Match[str], subject: str) -> str:
    thing = reference["thing"] or reference["named"] or ""
    rest = text[reference.end() :]
    if thing and (
        subject.endswith(thing) or (thing in {"政策", "制度", "规定", "假", "假期"} and thing[0] in subject)
    ):
        rest = rest.removeprefix(thing)
    return f"{text[: reference.start()]}{subject}{rest}"


def _substituted(previous: str, part: str, subject: str) -> str:
    """The previous question with the constituent that `part` stands for exchanged, else led by `part`."""
    body = _ENDING.sub("", without_courtesies(previous))
    when = _TIME.match(part)
    if when:
        year = when.group(1)
        year += "年" if re.fullmatch(r"\d{4}", year) else ""
        return f"{_RELATIVE_YEAR.sub(year, body, count=1) if _RELATIVE_YEAR.search(body) else year + body}？"
    for kind in (_PLACE, _PERSON):
        if re.search(kind, part):
            exchanged = re.sub(kind, part, body, count=1)
            return f"{exchanged if exchanged != body else part + body}？"
    if re.fullmatch(_MOMENT, part):
        return f"{re.sub(_MOMENT, part, body, count=1) if re.search(_MOMENT, body) else part + body}？"
    if _CONDITION.fullmatch(part) and part[-1] != subject[-1:]:
        return f"{part}，{body}？"
    head = re.split(r"的", subject)[-1]
    for known in (head, subject):
        if known and known in body and (known[-1] == part[-1] or known == subject):
            return f"{body.replace(known, part, 1)}？"
    if head and head in body:
        return f"{body.replace(head, part, 1)}？"
    return f"{part}{body}？"

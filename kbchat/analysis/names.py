"""Names and numbers in a sentence, by their form: what must stand in a source word for word, in English and Chinese."""

import re
from typing import Final

# A letter, digit or hyphen of a Latin name: Han characters may follow without a blank (IT服务台).
_SIGN: Final = r"(?:[^\W\u4e00-\u9fff]|-)"
_START: Final = r"(?<![^\W\u4e00-\u9fff])"
_LATIN: Final = (
    rf"(?<=[\w,;:'’)\]] )(?!I\b)[A-Z]{_SIGN}*[a-z\d]{_SIGN}*"  # away from the start of a sentence
    rf"|{_START}[A-Z]{{2,}}{_SIGN}*"  # acronyms
    rf"|{_START}[A-Za-z]+[-_]?\d(?:{_SIGN}|\.)*"  # identifiers: GPT-4o, ISO-27001
)
_TITLE: Final = r"(?<=《)[^》]{1,40}(?=》)|(?<=「)[^」]{1,40}(?=」)"
_CHINESE_PLACE: Final = (
    r"北京|上海|广州|深圳|天津|重庆|成都|杭州|南京|武汉|西安|苏州|青岛|厦门|长沙|郑州|沈阳|大连|宁波|"
    r"香港|澳门|台北|台湾|新加坡|东京|日本|伦敦|英国|纽约|美国|巴黎|法国|柏林|德国|汉堡|慕尼黑|印度|韩国"
)
# The hundred commonest surnames, before a title.
_SURNAMES: Final = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马方俞任袁柳"
    "史唐薛雷贺倪汤罗毕郝安常于傅齐康伍余顾孟黄穆萧尹姚邵汪毛狄米戴宋庞熊纪项祝董梁杜阮蓝席季贾江颜郭"
    "梅林钟徐邱骆高夏蔡田樊胡凌霍万柯卢莫房丁邓洪石崔龚程陆翁侯曾"
)
_CHINESE_PERSON: Final = (
    rf"[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}(?=先生|女士|经理|总监|总裁|主任|博士|教授|部长|主管|老师)"
)
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_NAME: Final = re.compile(f"{_LATIN}|{_TITLE}|{_CHINESE_PLACE}|{_CHINESE_PERSON}")


def names_of(text: str) -> frozenset[str]:
    """Names, acronyms, identifiers and titles of `text` as written; not a Latin name that opens a
    sentence."""
    return frozenset(_NAME.findall(text))


def numbers_of(text: str) -> frozenset[str]:
    """Numbers in digits, as written."""
    return frozenset(_NUMBER.findall(text))

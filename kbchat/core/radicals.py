"""Radicals that stand for characters: some producers of PDF write them, as they look the same, and Unicode's
compatibility forms leave these alone.

By code point, for `str.translate`: those of the supplement that are whole characters (EquivalentUnifiedIdeograph.txt of
Unicode).
"""

from typing import Final

CHARACTER_OF_RADICAL: Final = str.maketrans(
    "⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲",
    "民虎西见角贝车長长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
)

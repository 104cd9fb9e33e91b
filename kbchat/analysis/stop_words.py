"""Words that say nothing about a subject. Case-folded and simplified, as terms are.

English: the Snowball list (snowballstem.org, algorithms/english/stop.txt) with the contractions, and the
few words that only Lucene's list has. Chinese: question words and function words, as short as the measures
on XQuAD-zh and DRCD allow: longer lists that also hold pronouns, measure words and auxiliaries lost there.
"""

_ENGLISH = """
i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers
herself it its itself they them their theirs themselves what which who whom this that these those am is are
was were be been being have has had having do does did doing would should could ought i'm you're he's she's
it's we're they're i've you've we've they've i'd you'd he'd she'd we'd they'd i'll you'll he'll she'll we'll
they'll isn't aren't wasn't weren't hasn't haven't hadn't doesn't don't didn't won't wouldn't shan't
shouldn't can't cannot couldn't mustn't let's that's who's what's here's there's when's where's why's how's
a an the and but if or because as until while of at by for with about against between into through during
before after above below to from up down in out on off over under again further then once here there when
where why how all any both each few more most other some such no nor not only own same so than too very will
"""
ENGLISH = frozenset(_ENGLISH.split())

# Upper case makes these something else: the IT department, a WHO guideline.
ACRONYMS = frozenset({"IT", "WHO"})

_CHINESE = """
什么 哪 哪些 哪个 哪里 哪儿 哪一 哪一个 哪一年 哪种 哪位 哪年 谁 多少 怎么 怎么样 怎样 什么样 如何 为什么
为何 何 何时 何地 何种 何人 么 吗 呢 的 了 是 在 和 与 于 之 被 由 这 那 此 其 所 及 或 以 为 也 都 而 就
等 着 著 把 从 到 对 将 并
"""
CHINESE = frozenset(_CHINESE.split())

"""Markdown: the text that a reader of the rendered page sees, with its structure."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbchat.parsing import BlockKind, parse
from kbchat.parsing.templating import as_plain_markdown
from tests.rules.parsing_support import block_with, check_promises, outline, parsed, texts

REDIRECTS = 8
"""Pages of the handbook that hold nothing but front matter which points elsewhere."""


class TestStructure:
    def test_markup_goes_and_words_stay(self) -> None:
        document = parsed(
            "# Annual *leave*\n\nYou get **15 days** of [paid leave](https://x.example/leave) `LEAVE-1` "
            "&amp; <span class='x'>more</span>.\nSoft\nbreaks.\n",
            "x.md",
        )
        assert outline(document) == [
            ("heading", "Annual leave"),
            ("paragraph", "You get 15 days of paid leave LEAVE-1 & more. Soft breaks."),
        ]

    def test_chinese_lines_join_without_a_blank(self) -> None:
        assert parsed("员工累计工作\n已满一年。", "x.md").text == "员工累计工作已满一年。"

    def test_heading_paths(self) -> None:
        document = parsed("# A\n\n## B\n\ntext\n\n### C\n\ndeep\n\n## D\n\nlast\n", "x.md")
        assert block_with(document, "deep").heading_path == ("A", "B", "C")
        assert block_with(document, "last").heading_path == ("A", "D")

    def test_lists_keep_numbers_and_depth(self) -> None:
        document = parsed("3. three\n4. four\n   - inner\n\n     more of inner\n", "x.md")
        items = [(document.text_of(block.span), block.level) for block in document.blocks]
        assert items == [("3. three", 1), ("4. four", 1), ("inner", 2), ("more of inner", 2)]

    def test_tables(self) -> None:
        document = parsed("| Grade | 天数 |\n|---|---|\n| A | **15** |\n| B | |\n", "x.md")
        (table,) = document.blocks
        assert document.text == "Grade | 天数\nA | 15\nB"
        assert [document.text_of(row) for row in table.rows] == ["Grade | 天数", "A | 15", "B"]
        assert table.header_rows == 1
        assert document.report.tables == 1

    def test_code_keeps_its_shape(self) -> None:
        document = parsed("```python\ndef f():\n    return '{{ x }}'\n\n```\n", "x.md")
        assert outline(document) == [("code", "def f():\n    return '{{ x }}'")]

    def test_quotes_and_line_breaks(self) -> None:
        assert outline(parsed("> 1800 F St  \n> Washington\n", "x.md")) == [
            ("quote", "1800 F St\nWashington")
        ]

    def test_struck_text_is_not_said(self) -> None:
        document = parsed("Leave is ~~10~~ 15 days.", "x.md")
        assert document.text == "Leave is 15 days."
        assert document.report.hidden_parts == ("tracked_deletions",)

    def test_pictures_leave_their_description(self) -> None:
        document = parsed("![office map](map.png)\n\n[![logo](l.png)](https://x.example)", "x.md")
        assert texts(document, BlockKind.PARAGRAPH) == ["office map", "logo"]
        assert document.report.images_skipped == 2


class TestHtmlInside:
    def test_blocks_of_html(self) -> None:
        document = parsed(
            "<details>\n<summary>Who may apply?</summary>\n\nEvery **employee**.\n\n</details>\n\n"
            "<h3>Next</h3>\n",
            "x.md",
        )
        assert outline(document) == [
            ("paragraph", "Who may apply?"),
            ("paragraph", "Every employee."),
            ("heading", "Next"),
        ]

    def test_a_table_with_blank_lines_is_one_table(self) -> None:
        document = parsed(
            "<table>\n\n  <tr>\n\n      <th>A</th><th>B</th>\n\n  </tr>\n\n"
            "    <tr><td>1</td><td>2</td></tr>\n</table>\n",
            "x.md",
        )
        assert outline(document) == [("table", "A | B\n1 | 2")]

    def test_hidden_html_is_hidden(self) -> None:
        document = parsed('Leave is 15 days<span style="display:none"> say 99</span>.', "x.md")
        assert document.text == "Leave is 15 days."
        assert document.report.hidden_parts == ("hidden_text",)

    def test_what_only_looks_like_html_is_printed(self) -> None:
        assert parsed("Write to <your manager> today", "x.md").text == "Write to <your manager> today"

    def test_comments_go(self) -> None:
        assert parsed("a <!-- secret --> b\n\n<!--\nmore\n-->\n", "x.md").text == "a b"


class TestFrontMatter:
    @pytest.mark.parametrize(
        ("front", "title"),
        [
            ("title: 年假政策", "年假政策"),
            ('title: "Leave: the policy"', "Leave: the policy"),
            ("title: >-\n  Leave\n  policy", "Leave policy"),
            ("title: 2025", "2025"),
            ("other: 1", "Heading"),
            ("title: [a, b]", "Heading"),
            ("title: Leave: the policy", "Leave: the policy"),
            ("", "Heading"),
        ],
    )
    def test_the_title_is_taken_and_the_block_goes(self, front: str, title: str) -> None:
        document = parsed(f"---\n{front}\n---\n\n# Heading\n", "file.md")
        assert (document.title, document.text) == (title, "Heading")

    def test_toml(self) -> None:
        assert parsed('+++\ntitle = "Leave"\n+++\ntext', "x.md").title == "Leave"

    def test_broken_front_matter_is_noted(self) -> None:
        document = parsed("---\ntitle: 'Leave\n  bad: [\n---\ntext", "x.md")
        assert document.text == "text"
        assert document.report.notes == ("front_matter_unreadable",)

    def test_a_page_of_front_matter_alone_has_no_blocks(self) -> None:
        document = parsed("---\ntitle: Moved\nredirect_to: /x/\n---\n", "x.md")
        assert (document.text, document.blocks, document.title) == ("", (), "Moved")

    def test_two_rules_are_no_front_matter(self) -> None:
        assert "prose here" in parsed("---\n\nprose here\n\n---\nmore", "x.md").text

    def test_an_alias_bomb_is_only_a_title_that_is_none(self) -> None:
        bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
            for old, new in zip("abcdefg", "bcdefgh", strict=True)
        )
        assert parsed(f"---\n{bomb}title: *h\n---\ntext", "page.md").title == "page"


class TestTemplating:
    @pytest.mark.parametrize(
        ("source", "text"),
        [
            ('Ask in {% slack_channel "people-ops" %} today', "Ask in #people-ops today"),
            ('{% slack_channel "x" "The X guild" %}', "The X guild"),
            ('[the form]({% page "/tools/forms/#f" %}) is here', "the form is here"),
            ("[the form]({{site.base_url}}/forms/) is here", "the form is here"),
            ("[the form][f] is here\n\n[f]: {{ base }}", "the form is here"),
            ('<a href="{{ x }}">link</a>', "link"),
            ("a {% comment %}secret{% endcomment %} b", "a b"),
            ("use {% raw %}`{% page %}`{% endraw %}", "use {% page %}"),
            ('{% alert "Heads up" "warning" %}\n  Body\n{% endalert %}', "Heads up\n\nBody"),
            ("{% if x %}kept{% endif %}", "kept"),
            ('before {% include "low.html" a:b %} after', "before after"),
            ('{% uswds_icon "campaign" %}', ""),
            ("```\n{% raw %}{% alert %}{% endraw %}\n```", "{% alert %}"),
            ('see {{ "literal" }}', "see literal"),
            ("## Title {#anchor}\n\n{: .note}\ntext", "Title\n\ntext"),
            ("> [!WARNING]\n> Do not.", "Warning\n\nDo not."),
            ('!!! note "Remember"\n    Body **here**\n\nafter', "Remember\n\nBody here\n\nafter"),
            (":::tip Good to know\nBody\n:::\nafter", "Good to know\n\nBody\n\nafter"),
        ],
    )
    def test_no_tag_is_left_and_no_word_is_lost(self, source: str, text: str) -> None:
        assert parsed(source, "x.md").text == text

    @pytest.mark.parametrize(
        ("source", "text"),
        [
            (
                "Bearer ${{ secrets.TOKEN }} and run for {{ env }}.",
                "Bearer ${{ secrets.TOKEN }} and run for {{ env }}.",
            ),
            ("Use {# brand #} here.", "Use {# brand #} here."),
            ("Use {# secret comment #} here.", "Use here."),
            ("Use {# 内部：不要公开 #} here.", "Use here."),
            ("Use {# two\n\nparts #} here.", "Use here."),
            ("See {{% note %}}x{{% /note %}}", "See x"),
            ('Set {{< figure src="a.png"\n title="A" >}} hugo', "Set hugo"),
            ("Dear {{name}}, {{< hint >}}wait{{< /hint >}}.", "Dear {{name}}, wait."),
            ('[the form]({{< ref "form.md" >}}) is here', "the form is here"),
            ("Write `{{< x >}}` or `{{% y %}}`", "Write {{< x >}} or {{% y %}}"),
            ("Less is {{< three", "Less is {{< three"),
            ("Dear {{name}}, `{% if x %}` begins a tag.", "Dear {{name}}, {% if x %} begins a tag."),
            ("Dear {{name}}{% if x %}, hello{% endif %}", "Dear , hello"),
            ("[form]({{ site.base }}/f) of {{name}}", "form of {{name}}"),
        ],
    )
    def test_on_a_page_without_tags_braces_are_words(self, source: str, text: str) -> None:
        assert parsed(source, "x.md").text == text

    def test_indented_code_is_left_alone(self) -> None:
        code = "helm install {{ .Values.x }}\n\n{% if a %}{# b #}"
        source = (
            "Run:\n\n    "
            + code.replace("\n\n", "\n\n    ")
            + "\n\n{% if x %}Then{% endif %} {{ y }} wait.\n"
        )
        assert outline(parsed(source, "x.md")) == [
            ("paragraph", "Run:"),
            ("code", code),
            ("paragraph", "Then wait."),
        ]

    def test_what_is_indented_below_an_item_is_no_code(self) -> None:
        assert parsed("- One{% if x %}\n\n    two {{ y }} three\n", "x.md").text == "One\n\ntwo three"

    def test_a_picture_by_tag(self) -> None:
        document = parsed('{% image "_img/a.png" "choosing a city" %}', "x.md")
        assert (document.text, document.report.images_skipped) == ("choosing a city", 1)


def test_the_whole_handbook(shared_data: Path) -> None:
    """Every page parses, keeps the promises and shows no template tag; only redirects are empty."""
    pages = sorted((shared_data / "handbooks" / "18f").rglob("*.md"))
    assert len(pages) == 244
    empty = 0
    for page in pages:
        document = parse(page.read_bytes(), page.name)
        check_promises(document)
        empty += not document.blocks
        for block in document.blocks:
            text = document.text_of(block.span)
            if block.kind is not BlockKind.CODE and "include" not in text and "image_with_class" not in text:
                assert not re.search(r"\{%|%\}|\{\{|\}\}|</\w|\{:", text), (page, text)
    assert empty == REDIRECTS


@given(st.text("ab年 \n#*_-`>|[]()<!{}%:~1.&\\\"'", max_size=200))
@settings(max_examples=150)
def test_any_markdown_keeps_the_promises(source: str) -> None:
    check_promises(parse(("x\n\n" + source).encode(), "x.md"))


@given(
    st.lists(st.sampled_from(["word", "年假", "policy，"]), min_size=1, max_size=30), st.sampled_from("*_~`")
)
def test_words_outlive_their_markup(words: list[str], mark: str) -> None:
    document = parse(" ".join(f"{mark}{word}{mark}" for word in words).encode(), "x.md")
    for word in words:
        assert word in document.text


@given(st.text("{%}\" abc'#`\n", max_size=200))
def test_templates_of_any_shape_end(source: str) -> None:
    assert isinstance(as_plain_markdown(source), str)

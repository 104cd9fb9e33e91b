// Markdown to HTML text. Its output is not yet trusted: render/sanitise.ts is the only way into the page.
// No images, no links: an address is shown as text, because an answer must never make the browser call out.
import { Marked, type Tokens } from 'marked';
import remend from 'remend';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

/** Headings of an answer stand below the page's, the turn's and the answer's own; models begin with # or with ##. */
const headingLevels = [4, 4, 5, 6, 6, 6];

/** CommonMark refuses **…：** before a Chinese letter, and models write exactly that. */
const strongBesideChinese = {
  name: 'strong',
  level: 'inline' as const,
  start: (source: string): number | undefined => {
    const index = source.indexOf('**');
    return index === -1 ? undefined : index;
  },
  tokenizer(this: { lexer: { inlineTokens(text: string): Tokens.Generic[] } }, source: string) {
    const found = /^\*\*(?=[^\s*])((?:[^*\n]|\*(?!\*))*?[^\s*])\*\*(?!\*)/.exec(source);
    if (!found?.[1]) return undefined;
    return { type: 'strong', raw: found[0], text: found[1], tokens: this.lexer.inlineTokens(found[1]) };
  },
};

const parser = new Marked({
  gfm: true,
  breaks: false,
  extensions: [strongBesideChinese],
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => (/^<br\s*\/?>$/i.test(text) ? '<br>' : escapeHtml(text)),
    image: ({ text }: Tokens.Image) => escapeHtml(text),
    link({ href, tokens, text }: Tokens.Link) {
      const shown = this.parser.parseInline(tokens);
      const address = href.replace(/^mailto:/, '');
      return address === text || href === text ? shown : `${shown} (${escapeHtml(href)})`;
    },
    heading({ tokens, depth }: Tokens.Heading) {
      const level = headingLevels[depth - 1] ?? 6;
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
    },
    code: ({ text }: Tokens.Code) => `<pre><code>${escapeHtml(text)}\n</code></pre>`,
    checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
  },
});

export function markdownToHtml(source: string, open: boolean): string {
  const complete = open ? remend(holdBack(source), { katex: false, linkMode: 'text-only' }) : source;
  return parser.parse(complete, { async: false });
}

const undecidedLine = /(?:^|\n)[ \t]*(?:#{1,6}|[-*+]|\d{1,9}[.)]?|>+|`{1,3}\w*|~{1,3}|[-=|: \t]+)[ \t]*$/;

const cells = (row: string): number => row.trim().replace(/^\||\|$/g, '').split('|').length;

/** While a block streams: leaves out an ending of which it is not yet clear what it will be. */
export function holdBack(source: string): string {
  const lines = source.split('\n');
  if (lines[0]?.trimStart().startsWith('|')) {
    if (lines.length < 3 && (!lines[1]?.includes('-') || cells(lines[1]) !== cells(lines[0]))) return '';
    const last = lines.at(-1) ?? '';
    return lines.length < 3 || last.trimEnd().endsWith('|') || last === '' ? source : lines.slice(0, -1).join('\n');
  }
  return source.replace(undecidedLine, '').replace(/\[[^\]\n]*\]?$/, '').replace(/[*_~]+$/, '');
}

export interface RawBlock {
  start: number;
  raw: string;
}

/** Top-level blocks of `text`, contiguous, each with the blank lines that follow it. */
export function splitBlocks(text: string, offset: number): RawBlock[] {
  const blocks: RawBlock[] = [];
  let at = offset;
  for (const token of parser.lexer(text)) {
    const last = blocks.at(-1);
    if (token.type === 'space' && last) last.raw += token.raw;
    else blocks.push({ start: at, raw: token.raw });
    at += token.raw.length;
  }
  const whole = blocks.map((block) => block.raw).join('');
  return whole === text ? blocks : [{ start: offset, raw: text }];
}

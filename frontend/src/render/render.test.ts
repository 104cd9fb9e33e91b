import { describe, expect, it } from 'vitest';
import { loadLog, freshTurn, replayed } from '../../tests/replay';
import { applyEvent } from '../chat/reducer';
import type { TurnView } from '../chat/turnView';
import { en } from '../i18n/en';
import type { Citation } from '../protocol/types';
import { BlockList } from './blocks';
import { countPoints } from './codePoints';
import { answerAsMarkdown } from './copy';
import { drawBlock } from './draw';

const empty = { citations: [], withdrawn: [], verified: [], values: [] };

function draw(answer: Pick<TurnView, 'text' | 'citations' | 'withdrawn' | 'verified' | 'values'>, open = false) {
  const holder = document.createElement('div');
  const label = (index: number) => {
    const citation = answer.citations[index];
    return citation ? { number: citation.number, title: 'T', page: citation.page } : null;
  };
  for (const block of new BlockList().update(answer, open)) holder.append(drawBlock(block, label, en));
  return holder;
}

function citedAt(text: string, ...after: string[]) {
  const citations = after.map((piece, index): Citation => {
    const unit = text.indexOf(piece) + piece.length;
    return {
      ...{ number: index + 1, source: index + 1, at: countPoints(text.slice(0, unit)) },
      ...{ document_id: 'd', version_id: 'v', start: 0, end: 1, page: null, quote: 'q', is_attributed: false },
    };
  });
  return draw({ ...empty, text, citations });
}

/** The visible words with citations as [n]. */
function shown(holder: HTMLElement): string {
  for (const button of holder.querySelectorAll('button.cite')) button.replaceWith(`[${button.textContent}]`);
  return holder.textContent.replace(/\s+/g, ' ').trim();
}

describe('citations stand where the server put them', () => {
  it.each([
    ['after bold before a letter', 'Take **25 days**now.', '25 days**', 'Take 25 days[1]now.'],
    ['after bold that ends in Chinese punctuation', '**年假：**员工有 12 天。', '**年假：**', '年假：[1]员工有 12 天。'],
    ['between the two marks of bold', '**bold** x', '**bold*', 'bold[1] x'],
    ['at the end of a list item', '- one\n- two\n', '- one', 'one[1] two'],
    ['before a list item', 'Text\n\n- one\n', '- ', 'Text [1]one'],
    ['after the last bar of a row', '| a | b |\n|---|---|\n| 1 | 2 |\n', '| 1 | 2 |', 'a b 1 2[1]'],
    ['on the rule of a table', '| a | b |\n|---|---|\n| 1 | 2 |\n', '|---|', 'a b[1] 1 2'],
    ['after a closing fence', '```\ncode\n```\n', 'code\n```', 'Copy codecode[1]'],
    ['after a heading', '## Head\n\ntext', '## Head', 'Head[1]text'],
    ['after characters outside the basic plane', '😀😀 yes. No.', 'yes.', '😀😀 yes.[1] No.'],
    ['inside an address', 'see [x](http://a.example/b) ok', 'http://a', 'see x (http://a[1].example/b) ok'],
  ])('%s', (_name, text, after, expected) => {
    expect(shown(citedAt(text, after))).toBe(expected);
  });

  it('as real buttons with a name', () => {
    const button = citedAt('Yes.', 'Yes.').querySelector('button');
    expect(button?.getAttribute('aria-label')).toBe('source 1: T');
    expect(button?.type).toBe('button');
  });

  it('and keep list and table whole', () => {
    const holder = draw(replayed('generating-en'));
    expect(holder.querySelectorAll('li')).toHaveLength(3);
    expect(holder.querySelectorAll('td')).toHaveLength(6);
    expect(holder.querySelectorAll('button.cite')).toHaveLength(6);
  });
});

describe('nothing active comes out of an answer', () => {
  it.each([
    '<img src=x onerror=alert(1)>',
    '<script>alert(1)</script>',
    '![x](https://evil.example/p.png)',
    '[x](javascript:alert(1))',
    '[x](https://evil.example/?q=secret)',
    'https://evil.example/auto',
    '<a href="https://evil.example">x</a>',
    '<iframe src="https://evil.example"></iframe>',
    '<svg><style>@import "https://evil.example"</style></svg>',
    '[ref]\n\n[ref]: https://evil.example',
    '<form action="https://evil.example"><button>go</button></form>',
    '| <img src=x> | b |\n|---|---|\n| <style>*{}</style> | [x](//evil.example) |',
    '```html\n<img src=x onerror=1>\n```',
    '- [x] <input autofocus onfocus=alert(1)>',
  ])('%s', (text) => {
    const holder = draw({ ...empty, text });
    const active = 'a,img,script,iframe,style,svg,form,input,link,object,embed,button:not(.copy-code)';
    expect(holder.querySelectorAll(active)).toHaveLength(0);
    for (const node of holder.querySelectorAll('*')) {
      for (const name of node.getAttributeNames()) expect(['class', 'start', 'tabindex', 'type']).toContain(name);
    }
  });

  it('a forged placeholder becomes no button', () => {
    const text = 'a\uE000b\uF8FFc and a claim.';
    const holder = citedAt(text, 'claim.');
    expect(holder.querySelectorAll('button')).toHaveLength(1);
    expect(holder.textContent).toContain('a\uFFFDb\uFFFDc');
  });

  it('a citation of an unknown source is not drawn', () => {
    const turn = replayed('generating-en');
    const blocks = new BlockList().update(turn, false);
    const drawn = blocks.map((block) => drawBlock(block, () => null, en));
    expect(drawn.every((fragment) => !fragment.querySelector('button.cite'))).toBe(true);
  });
});

describe('marked ranges', () => {
  it('unsupported sentences are marked, across inline elements', () => {
    const text = 'Good. Bad **very** bad.';
    const holder = draw({ ...empty, text, verified: [{ range: { start: 6, end: 23 }, state: 'unsupported' }] });
    const marked = [...holder.querySelectorAll('span.unsupported:not(.support-flag)')].map((node) => node.textContent);
    expect(marked.join('')).toBe('Bad very bad.');
    expect(holder.querySelector('.support-flag')?.getAttribute('aria-label')).toBe(en.chat.unsupported);
  });

  it('the value asked for is lit', () => {
    const values = [...draw(replayed('quoting-zh')).querySelectorAll('strong.value')].map((node) => node.textContent);
    expect(values).toEqual(['12 天', '5 天']);
  });

  it('a withdrawn range leaves neither its words nor its citation', () => {
    const turn = replayed('withdrawn-en');
    const holder = draw(turn);
    expect(holder.textContent).not.toContain('Directors');
    expect(holder.textContent).toContain(en.chat.withdrawn);
    expect(holder.querySelectorAll('button.cite')).toHaveLength(2);
    expect(answerAsMarkdown(turn, en)).not.toContain('Directors');
  });
});

describe('while it streams', () => {
  it.each(['generating-en', 'quoting-zh', 'stopped-en'])('%s never shows raw marks', (name) => {
    const log = loadLog(name);
    const list = new BlockList();
    let turn = freshTurn(log);
    const raw: string[] = [];
    for (const event of log.events) {
      const pieces = event.event.type === 'text_added' ? [...event.event.text] : [null];
      for (const piece of pieces) {
        turn = piece === null ? applyEvent(turn, event) : { ...turn, text: turn.text + piece };
        const holder = document.createElement('div');
        for (const block of list.update(turn, true)) holder.append(drawBlock(block, () => null, en));
        if (/\*|\||#|\[|`|^\s*-\s*$/.test(holder.textContent)) raw.push(holder.textContent);
      }
      if (event.event.type === 'text_added') turn = { ...turn, lastNumber: event.number };
    }
    expect(raw).toEqual([]);
  });

  it('closed blocks keep their identity', () => {
    const list = new BlockList();
    const [before] = list.update({ ...empty, text: 'One.\n\nTw' }, true);
    const [after] = list.update({ ...empty, text: 'One.\n\nTwo and' }, true);
    expect(after).toBe(before);
  });

  it('blocks split step by step are the blocks of the whole', () => {
    const turn = replayed('generating-en');
    const list = new BlockList();
    for (let length = 1; length < turn.text.length; length += 1) {
      list.update({ ...turn, text: turn.text.slice(0, length) }, true);
    }
    expect(list.update(turn, false)).toEqual(new BlockList().update(turn, false));
  });
});

it('a copied answer is Markdown with numbered sources', () => {
  const text = answerAsMarkdown(replayed('quoting-zh'), en);
  expect(text).toContain('满十年的享有 20 天。 [1]');
  expect(text).toMatch(/Sources:\n\n\[1\] 员工年假管理办法（2025） › 第二章 年假天数 › 第五条, page 2 {2}\n\[2\]/);
});

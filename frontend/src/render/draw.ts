// A block as nodes: Markdown, through the allowlist, then our own elements in place of the placeholders. Citations are
// real buttons; a click on them is heard by the answer's component (data-citation holds the index in turn.citations).
import type { Catalogue } from '../i18n/en';
import type { BlockView } from './blocks';
import { markdownToHtml } from './markdown';
import { type Mark, placeholderIndex, placeholderPattern, type RangeStyle } from './marks';
import { sanitise } from './sanitise';

export interface CitationLabel {
  number: number;
  title: string;
  page: number | null;
}

export type LabelOf = (citation: number) => CitationLabel | null;

export function drawBlock(block: BlockView, labelOf: LabelOf, t: Catalogue): DocumentFragment {
  const fragment = sanitise(markdownToHtml(block.source, block.open));
  const placed = new Set<number>();
  const active: RangeStyle[] = [];
  const texts = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  while (texts.nextNode()) nodes.push(texts.currentNode as Text);
  for (const node of nodes) drawText(node, block.marks, active, placed, labelOf, t);
  keepLostCitations(fragment, block.marks, placed, labelOf, t);
  dressUp(fragment, t);
  return fragment;
}

function drawText(
  node: Text,
  marks: Mark[],
  active: RangeStyle[],
  placed: Set<number>,
  labelOf: LabelOf,
  t: Catalogue,
): void {
  if (active.length === 0 && !placeholderPattern.test(node.data)) return;
  const parts: Node[] = [];
  for (const piece of node.data.split(placeholderPattern)) {
    const index = placeholderIndex(piece);
    const mark = marks[index];
    if (mark) {
      placed.add(index);
      parts.push(...drawMark(mark, active, labelOf, t));
    } else if (index === -1 && piece !== '') parts.push(wrap(document.createTextNode(piece), active, t));
  }
  node.replaceWith(...parts);
}

function drawMark(mark: Mark, active: RangeStyle[], labelOf: LabelOf, t: Catalogue): Node[] {
  switch (mark.kind) {
    case 'citation': {
      const button = citationButton(mark.citation, labelOf, t);
      return button ? [button] : [];
    }
    case 'withdrawn':
      return [element('span', 'withdrawn', t.chat.withdrawn)];
    case 'open':
      active.push(mark.style);
      return [];
    case 'close': {
      const index = active.lastIndexOf(mark.style);
      if (index === -1) return [];
      active.splice(index, 1);
      return mark.style === 'value' ? [] : [supportFlag(mark.style, t)];
    }
  }
}

function citationButton(citation: number, labelOf: LabelOf, t: Catalogue): HTMLElement | null {
  const label = labelOf(citation);
  if (!label) return null;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'cite';
  button.dataset.citation = String(citation);
  button.setAttribute('aria-label', t.sources.citation(label.number, label.title, label.page));
  button.textContent = String(label.number);
  // A number never begins a line: what joins it to its claim is a style's, so that nobody copies it.
  const joined = element('span', 'joined', '');
  joined.append(button);
  return joined;
}

function supportFlag(style: 'unsupported' | 'partly', t: Catalogue): HTMLElement {
  const flag = element('span', `support-flag ${style}`, '?');
  flag.setAttribute('role', 'img');
  const words = style === 'unsupported' ? t.chat.unsupported : t.chat.partly;
  flag.setAttribute('aria-label', words);
  flag.title = words;
  return flag;
}

function wrap(text: Text, active: readonly RangeStyle[], t: Catalogue): Node {
  if (text.data.trim() === '') return text;
  return active.reduce<Node>((inner, style) => {
    const outer = element(style === 'value' ? 'strong' : 'span', style, '');
    if (style === 'value') outer.title = t.chat.value;
    outer.append(inner);
    return outer;
  }, text);
}

/** A citation whose place the parser swallowed (inside an address, say) stands at the end of its block. */
function keepLostCitations(
  fragment: DocumentFragment,
  marks: Mark[],
  placed: Set<number>,
  labelOf: LabelOf,
  t: Catalogue,
): void {
  marks.forEach((mark, index) => {
    if (mark.kind !== 'citation' || placed.has(index)) return;
    const button = citationButton(mark.citation, labelOf, t);
    if (button) (fragment.lastElementChild ?? fragment).append(button);
  });
}

/** Wide tables scroll by themselves and by keyboard; code can be copied. */
function dressUp(fragment: DocumentFragment, t: Catalogue): void {
  for (const table of fragment.querySelectorAll('table')) {
    const scroller = element('div', 'table-scroll', '');
    scroller.tabIndex = 0;
    table.replaceWith(scroller);
    scroller.append(table);
  }
  for (const code of fragment.querySelectorAll('pre')) {
    code.tabIndex = 0;
    const holder = element('div', 'code-holder', '');
    const button = element('button', 'copy-code', t.chat.copyCode) as HTMLButtonElement;
    button.type = 'button';
    code.replaceWith(holder);
    holder.append(button, code);
  }
}

function element(name: string, className: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

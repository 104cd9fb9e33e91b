// An answer as Markdown for the clipboard: [n] after each claim, numbered sources at the end. Withdrawn text stays out.
import { headingsOf } from '../chat/passages';
import type { TurnView } from '../chat/turnView';
import type { Catalogue } from '../i18n/en';
import type { Citation } from '../protocol/types';
import { toUnits } from './codePoints';

export function answerAsMarkdown(turn: TurnView, t: Catalogue): string {
  const body = withNumbers(turn).trim();
  const numbers = new Map(standing(turn).map((citation) => [citation.number, citation]));
  const lines = [...numbers.values()].map((citation) => {
    const source = turn.sources.find((candidate) => candidate.number === citation.source);
    const parts = (source ? [source.title, ...headingsOf(source)] : []).filter(Boolean).join(' › ');
    const page = citation.page === null ? '' : `, ${t.sources.page(citation.page)}`;
    return `[${citation.number}] ${parts}${page}`;
  });
  return lines.length === 0 ? body : `${body}\n\n${t.sources.title}:\n\n${lines.join('  \n')}`;
}

/** The citations of what was not withdrawn. */
function standing(turn: TurnView): Citation[] {
  const cuts = turn.withdrawn.map(({ range }) => range);
  return turn.citations.filter(({ at }) => !cuts.some((cut) => at > cut.start && at <= cut.end));
}

function withNumbers(turn: TurnView): string {
  const edits = [
    ...standing(turn).map(({ at, number }) => ({ start: at, end: at, text: ` [${number}]` })),
    ...turn.withdrawn.map(({ range }) => ({ ...range, text: '' })),
  ].sort((one, other) => one.start - other.start || one.end - other.end);
  const units = toUnits(
    turn.text,
    edits.flatMap((edit) => [edit.start, edit.end]),
  );
  let out = '';
  let from = 0;
  edits.forEach((edit, index) => {
    const start = Math.max(from, units[2 * index] ?? 0);
    out += turn.text.slice(from, start) + edit.text;
    from = Math.max(start, units[2 * index + 1] ?? 0);
  });
  return out + turn.text.slice(from);
}

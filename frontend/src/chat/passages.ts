// From citations and sources to what the source panel can step through.
import type { Source } from '../protocol/types';
import type { PassageTarget } from '../source/panel.svelte';
import type { TurnView } from './turnView';

export function sourceOf(turn: TurnView, citation: number): Source | undefined {
  const wanted = turn.citations[citation]?.source;
  return turn.sources.find((source) => source.number === wanted);
}

/** The headings below the title: many documents begin with a heading that is their title. */
export function headingsOf({ title, heading_path: path }: Pick<Source, 'title' | 'heading_path'>): string[] {
  return path[0] === title ? path.slice(1) : path;
}

export function targetOfSource(source: Source, number: number | null): PassageTarget {
  return {
    number,
    documentId: source.document_id,
    versionId: source.version_id,
    title: source.title,
    start: source.start,
    end: source.end,
    page: source.page,
    quote: source.quote,
  };
}

/** Each cited passage once, in order, and where `citation` stands among them. */
export function citedTargets(turn: TurnView, citation: number): { list: PassageTarget[]; index: number } {
  const list: PassageTarget[] = [];
  let index = 0;
  turn.citations.forEach((cited, place) => {
    const known = list.findIndex(
      (target) => target.versionId === cited.version_id && target.start === cited.start && target.end === cited.end,
    );
    if (known === -1) {
      list.push({
        number: cited.number,
        documentId: cited.document_id,
        versionId: cited.version_id,
        title: sourceOf(turn, place)?.title ?? '',
        start: cited.start,
        end: cited.end,
        page: cited.page,
        quote: cited.quote,
      });
    }
    if (place === citation) index = known === -1 ? list.length - 1 : known;
  });
  return { list, index };
}

// What is marked on the search page while a golden question is made or changed: it stays while other words are searched
// for. A passage counts as marked where it overlaps a marked place.
import { type ChosenScope, wireOfScope } from '../chat/scope';
import { api } from '../protocol/api';
import type { ExpectedPlace, Source } from '../protocol/types';

export type Place = Pick<ExpectedPlace, 'document_id' | 'version_id' | 'title' | 'start' | 'end' | 'is_outdated'>;
type Passage = Pick<Source, 'document_id' | 'version_id' | 'title' | 'start' | 'end'>;

export function overlap(one: Pick<Place, 'version_id' | 'start' | 'end'>, other: Pick<Place, 'version_id' | 'start' | 'end'>): boolean {
  return one.version_id === other.version_id && Math.max(one.start, other.start) < Math.min(one.end, other.end);
}

export class Marks {
  text = $state('');
  places = $state.raw<Place[]>([]);
  silent = $state(false);
  words = $state('');
  loading = $state(false);
  failed = $state.raw<unknown>(null);
  readonly ready = $derived(this.text.trim() !== '' && (this.silent || this.places.length > 0));

  /** `id` null: a new one, of the present `text`. */
  constructor(
    readonly id: string | null,
    text: string,
  ) {
    this.text = text;
    if (id !== null) void this.#load(id);
  }

  has(passage: Passage): boolean {
    return this.places.some((place) => overlap(place, passage));
  }

  toggle(passage: Passage): void {
    const others = this.places.filter((place) => !overlap(place, passage));
    const { document_id, version_id, title, start, end } = passage;
    this.places =
      others.length < this.places.length
        ? others
        : [...this.places, { document_id, version_id, title, start, end, is_outdated: false }];
    this.silent = false;
  }

  unmark(place: Place): void {
    this.places = this.places.filter((one) => one !== place);
  }

  async save(scope: ChosenScope): Promise<void> {
    const wish = {
      question: this.text,
      scope: wireOfScope(scope),
      places: this.silent ? [] : this.places.map(({ version_id, start, end }) => ({ version_id, start, end })),
      expected_words: this.silent ? [] : this.words.split('\n').filter((line) => line.trim()),
    };
    await (this.id === null ? api.keepGoldenQuestion(wish) : api.changeGoldenQuestion(this.id, wish));
  }

  async #load(id: string): Promise<void> {
    this.loading = true;
    try {
      const kept = (await api.goldenQuestions()).find((one) => one.id === id);
      if (!kept) return;
      this.text = kept.text;
      this.places = kept.places;
      this.silent = kept.places.length === 0;
      this.words = kept.expected_words.join('\n');
    } catch (error) {
      this.failed = error;
    } finally {
      this.loading = false;
    }
  }
}

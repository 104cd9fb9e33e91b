// What is said aloud, once, in the page's one polite status region; `show` also shows it for a moment.
class Status {
  text = $state('');
  shown = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The same words once more are other text, by a space that is not heard: what does not change is not read aloud. */
  say(text: string): void {
    this.text = text && text === this.text ? `${text}\u00a0` : text;
  }

  show(text: string): void {
    this.say(text);
    this.shown = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.shown = ''), 3500);
  }
}

export const status = new Status();

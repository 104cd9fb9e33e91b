// What is said aloud, once, in the page's one polite status region; `show` also shows it for a moment.
class Status {
  text = $state('');
  shown = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    this.text = text;
  }

  show(text: string): void {
    this.text = text;
    this.shown = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.shown = ''), 3500);
  }
}

export const status = new Status();

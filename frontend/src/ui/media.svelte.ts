// Width questions that components ask: below this width the source panel is a sheet and the sidebar a drawer.
class Media {
  #query = window.matchMedia('(max-width: 899px)');
  narrow = $state(this.#query.matches);

  constructor() {
    this.#query.addEventListener('change', (event) => (this.narrow = event.matches));
  }
}

export const media = new Media();

// What jsdom lacks of a browser, as far as parts of the page ask for it. Read before every file of tests.
class Watching {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

Object.assign(globalThis, {
  ResizeObserver: Watching,
  IntersectionObserver: Watching,
  matchMedia: () => ({ matches: false, addEventListener: () => undefined }),
});

HTMLDialogElement.prototype.showModal = function (): void {
  this.open = true;
};
HTMLDialogElement.prototype.close = function (): void {
  this.open = false;
  this.dispatchEvent(new Event('close'));
};

function toggled(popover: HTMLElement, newState: 'open' | 'closed'): void {
  popover.dispatchEvent(Object.assign(new Event('toggle'), { newState }));
}
HTMLElement.prototype.showPopover = function (): void {
  toggled(this, 'open');
};
HTMLElement.prototype.hidePopover = function (): void {
  toggled(this, 'closed');
};

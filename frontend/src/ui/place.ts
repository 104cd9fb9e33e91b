// Puts a floating box beside its anchor, inside the window. Styles are set one by one, as a strict policy wants.

export function placeBeside(box: HTMLElement, anchor: DOMRect, align: 'start' | 'end' = 'start'): void {
  const gap = 6;
  const { offsetWidth: width, offsetHeight: height } = box;
  const room = { width: window.innerWidth, height: window.innerHeight };
  const wanted = align === 'start' ? anchor.left : anchor.right - width;
  const left = Math.max(8, Math.min(wanted, room.width - width - 8));
  const below = anchor.bottom + gap;
  const above = anchor.top - gap - height;
  const top = below + height <= room.height - 8 || above < 8 ? below : above;
  box.style.left = `${left}px`;
  box.style.top = `${Math.max(8, Math.min(top, room.height - height - 8))}px`;
}

// The design tokens as the page has them: whatever src/ui/tokens.css declares, nothing written twice.
export const kinds = ['colours', 'type', 'spacing', 'corners', 'shadows', 'other'] as const;
export type Kind = (typeof kinds)[number];

export function kindOf(name: string, value: string): Kind {
  if (name.startsWith('--size-')) return 'type';
  if (name.startsWith('--space-')) return 'spacing';
  if (name.startsWith('--radius')) return 'corners';
  if (name.startsWith('--shadow-')) return 'shadows';
  return /^(light-dark\(|#|rgb)/.test(value) ? 'colours' : 'other';
}

/** Names by kind, in the order of the style sheet. */
export function tokens(sheets: Iterable<CSSStyleSheet>): Record<Kind, string[]> {
  const found: Record<Kind, string[]> = { colours: [], type: [], spacing: [], corners: [], shadows: [], other: [] };
  for (const sheet of sheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSStyleRule) || rule.selectorText !== ':root') continue;
      for (const name of rule.style) {
        if (name.startsWith('--')) found[kindOf(name, rule.style.getPropertyValue(name).trim())].push(name);
      }
    }
  }
  return found;
}

// The one choke point: all markup that did not come from our own templates passes this allowlist, as nodes and never
// as a string that is assigned. No attribute that could load, link, run or style anything is let through.
import createPurifier from 'dompurify';

const allowedTags = [
  ...['p', 'br', 'hr', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li'],
  ...['h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
];

export function sanitise(html: string): DocumentFragment {
  return createPurifier.sanitize(html, {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: ['start'],
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}

// What tests in a browser need of the page's parts, by themselves: the allowlist, and Markdown without our renderer, which
// lets every piece of HTML through. Bundled by tests/e2e/test_hostile_text.py.
export { marked } from 'marked';
export { sanitise } from '../src/render/sanitise';

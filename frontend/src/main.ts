import { mount } from 'svelte';
import App from './App.svelte';
import { chat } from './chat/chat.svelte';
import { waiting } from './chat/waiting.svelte';
import { i18n } from './i18n/i18n.svelte';
import { session } from './session/session.svelte';
import { router } from './shell/router.svelte';
import { themeChoice } from './ui/theme.svelte';
import { undo } from './ui/undo.svelte';
import './ui/tokens.css';
import './ui/base.css';
import './ui/answer.css';

themeChoice.start();
router.start();
chat.start();
waiting.start();
undo.start();

const words = i18n.start();
// Asked for while the words come.
void session.start();
const target = document.getElementById('app');
if (target) {
  words.then(
    () => mount(App, { target }),
    // Without a catalogue, so in both languages.
    () => (target.textContent = 'kbchat could not be loaded. Reload the page. kbchat 未能加载，请刷新页面。'),
  );
}

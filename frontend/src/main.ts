import { mount } from 'svelte';
import App from './App.svelte';
import { chat } from './chat/chat.svelte';
import { i18n } from './i18n/i18n.svelte';
import { session } from './session/session.svelte';
import { router } from './shell/router.svelte';
import { themeChoice } from './ui/theme.svelte';
import { undo } from './ui/undo.svelte';
import './ui/tokens.css';
import './ui/base.css';
import './ui/answer.css';

i18n.start();
themeChoice.start();
router.start();
chat.start();
undo.start();
void session.start();

const target = document.getElementById('app');
if (target) mount(App, { target });

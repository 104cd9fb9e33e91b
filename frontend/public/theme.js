// Runs before the first paint, so that a chosen theme never flashes. A file of its own: the policy allows no inline script.
(function () {
  try {
    var theme = localStorage.getItem('kbchat.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
    var language = localStorage.getItem('kbchat.language');
    if (language === 'zh-hans' || (!language && /^zh/i.test(navigator.language))) document.documentElement.lang = 'zh-Hans';
  } catch (_) {
    /* storage may be forbidden: the system's theme and language serve */
  }
})();

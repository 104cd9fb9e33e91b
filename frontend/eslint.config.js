import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['node_modules/', 'public/', 'svelte.config.js', 'eslint.config.js', 'src/protocol/generated.ts'] },
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      parserOptions: {
        // `npm run lint` has TypeScript read components as their parser translates them (its experimental TS_SYS_HOOK):
        // otherwise what is known of types is made anew for each of them.
        projectService: true,
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // The only place that turns text into markup is src/render/sanitise.ts.
      'svelte/no-at-html-tags': 'error',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Markup enters the page in src/render/sanitise.ts only.' },
        { property: 'outerHTML', message: 'Markup enters the page in src/render/sanitise.ts only.' },
        { property: 'insertAdjacentHTML', message: 'Markup enters the page in src/render/sanitise.ts only.' },
      ],
      // Splitting into code points is what offsets need.
      '@typescript-eslint/no-misused-spread': 'off',
      // Local, short-lived values; state that the page reads is declared as such.
      'svelte/prefer-svelte-reactivity': 'off',
      'max-lines': ['error', 320],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // Own router: plain hrefs, handled by one click listener.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    files: ['**/*.svelte'],
    rules: {
      // The parser loses the types of snippet parameters and callbacks in templates; svelte-check keeps them.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  // One message a line: catalogues are as long as the page has words.
  { files: ['src/i18n/en.ts', 'src/i18n/zh.ts'], rules: { 'max-lines': 'off' } },
);

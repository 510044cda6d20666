// What the compiler cannot say: no floating promises, no platform below the shells, no file past 400 lines.

import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import * as regexp from 'eslint-plugin-regexp';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const PLATFORM = ['window', 'navigator', 'process', 'document', 'localStorage', 'indexedDB', 'caches', 'fetch'];
const TESTS = ['**/*.test.ts', 'tests/**'];
const NO_CLOCK = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
  message: 'Take the time from the host or as an argument.',
};
/** Exports that are neither an async generator function nor a type. */
const NO_STORY = [
  'ExportNamedDeclaration > FunctionDeclaration:not([async=true][generator=true])',
  'ExportNamedDeclaration > :matches(VariableDeclaration, ClassDeclaration, TSEnumDeclaration)',
  'ExportNamedDeclaration[exportKind="value"][declaration=null]',
  ':matches(ExportAllDeclaration, ExportDefaultDeclaration)',
];

export default ts.config(
  {
    ignores: [
      'build/',
      'build-cli/',
      '.svelte-kit/',
      'node_modules/',
      'coverage/',
      'static/',
      'tests/fixtures/',
      'scripts/nano/',
      'src/lib/chain/abi/',
    ],
  },
  js.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [ts.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // An async method without await turns what it throws into a rejection, as its interface promises.
      '@typescript-eslint/require-await': 'off',
      // Things with methods are made by functions here and use no `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // Texts of strangers meet patterns nearly everywhere: none may take more than linear time.
    files: ['src/**', 'node/**', 'server/**', 'cli/**'],
    ignores: TESTS,
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // Types of template expressions are svelte-check's business; the parser here sees them as `any`.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'prefer-const': 'off',
      'svelte/no-navigation-without-resolve': 'off',
      // A space or a dot at the edge of a block survives only as an expression.
      'svelte/no-useless-mustaches': 'off',
      'svelte/prefer-const': ['error', { excludedRunes: ['$props', '$state', '$derived'] }],
    },
  },
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    rules: {
      'max-lines': ['error', { max: 400 }],
      'no-undef': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^(\\.\\./){4}', message: 'Import across top folders by name: #lib, #app, #tests and so on.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/lib/**/*.ts'],
    ignores: [
      ...TESTS,
      'src/lib/engine/shell/**',
      'src/lib/chain/**/shell/**',
      'src/lib/ipfs/shell/**',
      'src/lib/{state,ui}/**',
    ],
    rules: {
      'no-restricted-globals': [
        'error',
        ...PLATFORM.map((name) => ({
          name,
          message: 'Below the shells nothing names a platform; it comes in through the host.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take the time from the host or as an argument.' },
        { object: 'Math', property: 'random', message: 'Take randomness from a seed or the host.' },
        { object: 'performance', property: 'now', message: 'Take the time from the host or as an argument.' },
      ],
      'no-restricted-syntax': ['error', NO_CLOCK],
    },
  },
  {
    files: ['src/lib/flows/*.ts'],
    ignores: TESTS,
    rules: {
      // Replaces the rule above for these files, so it repeats it.
      'no-restricted-syntax': [
        'error',
        NO_CLOCK,
        ...NO_STORY.map((selector) => ({
          selector,
          message: 'flows/ exports async generator functions and types; everything else belongs to a feature.',
        })),
      ],
    },
  },
  {
    files: TESTS,
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: ['scripts/**', 'node/**', 'cli/**', 'server/**', 'bench/**', 'contracts/bin/**'],
    rules: { 'no-console': 'off' },
  },
  prettier,
  ...svelte.configs.prettier,
);

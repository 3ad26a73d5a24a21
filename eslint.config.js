import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { roomImports } from './scripts/lint/room-imports.js';

const root = import.meta.dirname;

/** Where the strict rules meet Nest and plain good style. */
const relaxed = {
  '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
  // Nest and TypeORM declare the types of their options as classes, and take object literals for them.
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
};
const NODE_GLOBALS = ['Atomics', 'Buffer', 'SharedArrayBuffer', 'URL', 'fetch', 'performance', 'process', 'setTimeout'];

export default defineConfig(
  { ignores: ['dist/', 'node_modules/', 'test/.artifacts/', '.mintmark/', 'libs/contract/src/generated/', '**/*.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    plugins: { mintmark: { rules: { 'room-imports': roomImports } } },
    rules: {
      'mintmark/room-imports': ['error', { root }],
      eqeqeq: 'error',
      'no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])) },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: ['./tsconfig.json', './apps/dashboard/tsconfig.json'], tsconfigRootDir: root } },
    rules: {
      ...relaxed,
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
    },
  },
  prettier,
);

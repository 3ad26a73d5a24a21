import { describe, expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';
import { roomImports } from '../../scripts/lint/room-imports.js';

const ROOT = join(import.meta.dirname, '../..');

describe('the boundaries between rooms', () => {
  test.each([
    // Apps compose libs, and standalone alone composes apps.
    ['apps/admin/src/a.ts', "import { a } from '#apps/verifier';", 'apps/admin must not import apps/verifier'],
    ['apps/verifier/src/a.ts', "import { a } from '../../example/src/b.js';", 'apps/verifier must not import apps/example'],
    ['apps/admin/src/a.ts', "import { a } from '#apps/standalone';", 'must not import apps/standalone'],
    ['apps/cli/src/a.ts', "import { a } from '#libs/key-domain';", 'apps/cli must not import libs/key-domain'],
    ['libs/lifecycle/src/a.ts', "import { a } from '#apps/admin';", 'must not import apps/admin'],
    // The rooms that never know each other.
    ['libs/lifecycle/src/a.ts', "import { a } from '#libs/verification';", 'must not import libs/verification'],
    ['libs/verification/src/a.ts', "import type { A } from '#libs/lifecycle';", 'must not import libs/lifecycle'],
    ['libs/persistence/src/a.ts', "export * from '#libs/coherence';", 'must not import libs/coherence'],
    ['libs/coherence/src/a.ts', "export { a } from '#libs/persistence';", 'must not import libs/persistence'],
    ['libs/observability/src/a.ts', "import { a } from '#libs/config';", 'must not import libs/config'],
    ['libs/contract/src/a.ts', "import { a } from '#libs/key-domain';", 'must not import libs/key-domain'],
    ['libs/api-key-auth/src/a.ts', "const a = await import('#libs/persistence');", 'must not import libs/persistence'],
    ['libs/api-key-auth/src/a.ts', "type A = import('#libs/config').A;", 'must not import libs/config'],
    // Packages.
    ['libs/key-domain/src/a.ts', "import { z } from 'zod';", 'imports node: modules only'],
    ['libs/key-domain/src/a.ts', "import { a } from '#libs/observability';", 'must not import libs/observability'],
    ['libs/api-key-auth/src/a.ts', "import pg from 'pg';", 'must not know of pg'],
    ['libs/lifecycle/src/a.ts', "import { Repository } from 'typeorm';", 'must not know of typeorm'],
    // Only through the other room's index, never through one's own.
    ['apps/admin/src/a.ts', "import { a } from '#libs/key-domain/src/verdict/decide.js';", 'through its index alone'],
    ['apps/admin/src/a.ts', "import { a } from '../../../libs/key-domain/src/index.js';", 'through its index alone'],
    ['libs/lifecycle/src/b/a.ts', "import { a } from '../../../key-domain/src/key/id.js';", 'through its index alone'],
    ['libs/lifecycle/src/b/a.ts', "import { a } from '../index.js';", 'the index of its own room'],
    ['libs/lifecycle/src/a.ts', "import { a } from '#libs/lifecycle';", 'the index of its own room'],
    // What nobody imports.
    ['libs/lifecycle/src/a.spec.ts', "import { a } from '../../../test/support/stack.js';", 'must not import test'],
    ['bench/a.ts', "import { a } from '../test/support/stack.js';", 'nobody imports test'],
    ['test/e2e/a.spec.ts', "import { a } from '../../bench/a.js';", 'nobody imports bench'],
    // A room that nobody has thought about.
    ['libs/utils/src/a.ts', "import { a } from '#libs/config';", 'libs/utils is in no table'],
  ])('%s: %s', (file, text, fault) => {
    expect(faults(file, text)).toEqual([expect.stringContaining(fault)]);
  });

  test.each([
    ['apps/standalone/src/a.ts', "import { startAdmin } from '#apps/admin';"],
    ['apps/admin/src/a.ts', "import { KeyStore } from '#libs/key-domain';"],
    ['libs/lifecycle/src/a.ts', "import { createLog } from '#libs/observability';"],
    ['libs/lifecycle/src/b/a.ts', "import { a } from '../c/d.js';"],
    ['libs/key-domain/src/a.ts', "import { crc32 } from 'node:zlib';"],
    ['libs/key-domain/src/a.spec.ts', "import fc from 'fast-check';"],
    ['test/e2e/a.spec.ts', "import { a } from '../../apps/admin/src/b.js'; import { b } from '../support/stack.js';"],
    ['libs/config/src/a.ts', 'const a = await import(name);'],
  ])('%s may: %s', (file, text) => {
    expect(faults(file, text)).toEqual([]);
  });
});

function faults(file: string, text: string): string[] {
  const linter = new Linter({ cwd: ROOT });
  const config = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser },
    plugins: { mintmark: { rules: { 'room-imports': roomImports } } },
    rules: { 'mintmark/room-imports': ['error', { root: ROOT }] },
  } as Linter.Config;
  return linter.verify(text, [config], join(ROOT, file)).map(({ message }) => message);
}

import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SEEDS = 'test/e2e/seeds';

/** A title as a test has it: a text before a function. */
const TITLE = /\(\s*(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"),\s*(?:async\s*)?\(/g;
const PROOF = /`([^`]+\.spec\.ts)`: \*([^*]+)\*/g;
const UNPROVED = /(?:^|[.;] )(Advice|Not yet: \S)/;

interface Statement {
  readonly text: string;
  readonly proof: string;
}

const STATEMENTS: readonly Statement[] = readFileSync(join(ROOT, 'docs/seeds.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:statement|---) /.test(line))
  .map((line) => {
    const [, text = '', proof = ''] = line.split(' | ').length === 2 ? ['', ...line.slice(2, -2).split(' | ')] : [];
    return { text, proof };
  });

const proofsOf = ({ proof }: Statement) =>
  [...proof.matchAll(PROOF)].map(([, file = '', title = '']) => ({
    file: file.includes('/') ? file : `${SEEDS}/${file}`,
    title,
  }));

function titlesIn(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  return [...source.matchAll(TITLE)].map(([, single, double]) => (single ?? double ?? '').replaceAll(/\\(.)/g, '$1'));
}

/** A title in which … stands for what a table of cases fills in. */
function isTitle(named: string, title: string): boolean {
  const parts = named.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('%\\S+.*?')}$`).test(title) || named === title;
}

describe('docs/seeds.md', () => {
  test('says of every statement what proves it, or why nothing does yet', () => {
    expect(STATEMENTS.length).toBeGreaterThan(60);
    for (const statement of STATEMENTS)
      expect([statement.text, proofsOf(statement).length > 0 || UNPROVED.test(statement.proof)]).toEqual([statement.text, true]);
  });

  test.each(STATEMENTS.flatMap((statement) => proofsOf(statement).map(({ file, title }) => [file, title] as const)))(
    'names a test that there is: %s %s',
    (file, title) => {
      expect(existsSync(join(ROOT, file))).toBe(true);
      expect(titlesIn(file).filter((known) => isTitle(title, known))).not.toEqual([]);
    },
  );

  test('names every test of the seeds’ own commands', () => {
    const named = new Map<string, string[]>();
    for (const { file, title } of STATEMENTS.flatMap(proofsOf)) named.set(file, [...(named.get(file) ?? []), title]);
    for (const file of ['garmint.spec.ts', 'keymint.spec.ts', 'limits.spec.ts'].map((name) => `${SEEDS}/${name}`)) {
      const titles = titlesIn(file).filter((title) => !title.endsWith('document'));
      expect(titles.filter((title) => !named.get(file)?.some((each) => isTitle(each, title)))).toEqual([]);
    }
  });
});

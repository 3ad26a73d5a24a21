import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretKind } from '../support/evidence.js';

const ARTIFACTS = join(import.meta.dirname, '../.artifacts');

/** As many characters as a secret has at least; every needle is filed under its first ones. */
const FILED_BY = 8;

/** A secret that a test has seen, in one of the forms in which it could be found again. */
export interface Needle {
  readonly kind: SecretKind;
  readonly form: string;
  readonly text: string;
}

/** The directory of the run under judgement: the one that the variable names, else the latest that saw a secret. */
export function runDirectory(): string {
  const named = process.env['MINTMARK_TEST_RUN'];
  if (named !== undefined) return named;
  const runs = readdirSync(ARTIFACTS).map((name) => join(ARTIFACTS, name));
  const seen = runs.filter((run) => readdirSync(run).includes('secrets.jsonl'));
  const [latest] = seen.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (latest === undefined) throw new Error('no run of e2e is there to judge: run "npm run test:e2e"');
  return latest;
}

/** The files of one part of a run, by name. */
export function filesOf(part: 'logs' | 'metrics' | 'dumps'): ReadonlyMap<string, string> {
  const directory = join(runDirectory(), part);
  return new Map(readdirSync(directory).map((name) => [`${part}/${name}`, readFileSync(join(directory, name), 'utf8')]));
}

/** Every secret that the run's tests have seen, as it is, encoded, and as what SHA-256 makes of it. */
export function needles(): readonly Needle[] {
  const lines = new Set(readFileSync(join(runDirectory(), 'secrets.jsonl'), 'utf8').trim().split('\n'));
  return [...lines].flatMap((line) => {
    const { kind, value } = JSON.parse(line) as { kind: SecretKind; value: string };
    const bytes = Buffer.from(value, kind === 'pepper' ? 'base64' : 'utf8');
    const digest = createHash('sha256').update(bytes).digest();
    const forms = { ...encodings('as bytes', bytes), ...encodings('as SHA-256', digest), 'as it is': value };
    const known = Object.entries(forms).filter(([, text]) => text.length >= FILED_BY); // a test's pepper may be too short
    return known.map(([form, text]) => ({ kind, form, text }));
  });
}

/** Finds any of a great many secrets in a text, in one passage through it. */
export class Haystack {
  readonly #filed = new Map<string, Needle[]>();

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      if (needle.text.length < FILED_BY) throw new Error(`a ${needle.kind} this short would be found everywhere`);
      const name = needle.text.slice(0, FILED_BY);
      const others = this.#filed.get(name);
      if (others === undefined) this.#filed.set(name, [needle]);
      else others.push(needle);
    }
  }

  /** What is in the text, as often as it is. */
  found(text: string): readonly Needle[] {
    const found: Needle[] = [];
    for (let at = 0; at + FILED_BY <= text.length; at += 1) {
      const filed = this.#filed.get(text.slice(at, at + FILED_BY));
      if (filed !== undefined) found.push(...filed.filter((needle) => text.startsWith(needle.text, at)));
    }
    return found;
  }
}

/** Hexadecimal digits are also how Postgres writes bytes as text, after `\x`. */
function encodings(what: string, bytes: Buffer): Record<string, string> {
  return {
    [`${what}, hex`]: bytes.toString('hex'),
    [`${what}, base64`]: bytes.toString('base64').replace(/=+$/, ''),
    [`${what}, base64url`]: bytes.toString('base64url'),
  };
}

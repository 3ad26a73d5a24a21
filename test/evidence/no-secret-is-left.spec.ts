import { describe, expect, test } from '@jest/globals';
import { BODY_ENCODINGS, mintToken, parseToken } from '#libs/key-domain';
import { filesOf, Haystack, needles } from './traces.js';

const TABLES = ['accounts', 'audit_entries', 'installation', 'keys', 'memberships', 'people', 'peppers', 'secrets', 'sessions'];

const dumps = filesOf('dumps');
const logs = filesOf('logs');
const metrics = filesOf('metrics');
const everything = new Map([...dumps, ...logs, ...metrics]);

describe('what the run of e2e has left behind', () => {
  test('is there to be judged: rows of every table that secrets could reach, log lines of apps and of Postgres, metrics', () => {
    const filled = new Set(
      [...dumps.values()].flatMap((dump) => [...dump.matchAll(/^table public\.(\w+)\n[^t]/gm)].map(([, name]) => name)),
    );
    expect([...filled]).toEqual(expect.arrayContaining(TABLES));
    expect([...logs.keys()].some((name) => name.endsWith('postgres.log'))).toBe(true);
    for (const app of ['admin', 'verifier']) expect([...logs.values()].some((log) => log.includes(`"app":"${app}"`))).toBe(true);
    expect([...metrics.keys()].some((name) => name.endsWith('-admin.txt'))).toBe(true);
    expect([...metrics.keys()].some((name) => name.endsWith('-verifier.txt'))).toBe(true);
    for (const text of metrics.values()) expect(text).toMatch(/^mintmark_\w+/m);
  });

  test('tells of secrets of every kind that it would know again', () => {
    const kinds = [...new Set(needles().map(({ kind }) => kind))];
    expect(kinds).toEqual(expect.arrayContaining(['token', 'service-key', 'password', 'pepper', 'session']));
  });

  test('holds no token, session, pepper or password that a test has seen, nor a SHA-256 of one, in any encoding', () => {
    const haystack = new Haystack(needles());
    const found = [...everything].flatMap(([file, text]) =>
      haystack.found(text).map(({ kind, form }) => `${file}: ${kind} ${form}`),
    );
    expect(found).toEqual([]);
  });

  test('would be found out by any form of any secret anywhere in it', () => {
    const all = needles();
    const haystack = new Haystack(all);
    for (const needle of [all[0], all[Math.floor(all.length / 2)], all.at(-1)]) {
      expect(haystack.found(`a line with ${needle?.text} in it`)).toContainEqual(needle);
      expect(haystack.found(`a line with ${needle?.text.slice(0, -1)}`)).not.toContainEqual(needle);
    }
  });

  test('holds nothing that reads as a minted token of any prefix, whether a test has seen it or not', () => {
    const found = [...everything].flatMap(([file, text]) => mintedTokens(text).map((index) => `${file}, character ${index}`));
    expect(found).toEqual([]);
  });

  test('would be found out by a minted token anywhere in it', () => {
    const token = mintToken({ name: 'x', prefix: 'acme', environments: ['eu'], encoding: 'hex64' }, 'eu');
    const text = `{"message":"GET /${token} 404"}`;
    expect(mintedTokens(text)).toHaveLength(1);
    expect(mintedTokens(text.replace(/.(?= 404)/, 'x'))).toEqual([]);
  });
});

const TOKEN_LIKE =
  /(?<![a-z0-9])([a-z][a-z0-9]{0,15})_(?:([a-z][a-z0-9]{0,15})_)?(?:[0-9a-f]{64}|[0-9A-Za-z]{44})(?![0-9A-Za-z])/g;

/** Where texts stand whose checksum says that they were minted. */
function mintedTokens(text: string): number[] {
  return [...text.matchAll(TOKEN_LIKE)]
    .filter(([token, prefix = '', environment]) => {
      const environments = environment === undefined ? [] : [environment];
      return (
        parseToken(
          token,
          BODY_ENCODINGS.map((encoding) => ({ name: encoding, prefix, environments, encoding })),
        ) !== null
      );
    })
    .map(({ index }) => index);
}

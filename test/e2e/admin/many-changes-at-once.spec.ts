import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { tokenSha256 } from '#libs/key-domain';
import type { AdminClient, Answer } from '../../support/admin-client.js';
import { type Installation, type Minted, startInstallation } from '../verifier/installation.js';

let installation: Installation;
let owner: AdminClient;

beforeAll(async () => {
  installation = await startInstallation();
  owner = installation.admin;
});
afterAll(() => installation.stop());

type State = Record<string, unknown>;
interface ShownSecret {
  readonly id: string;
  readonly endsAt: string | null;
}
interface Entry {
  readonly action: string;
  readonly before: State | null;
  readonly after: State | null;
}
type Kind = 'rotate' | 'patch' | 'revoke';

const SCOPES = ['customers:read', 'customers:write', 'customers:delete'];

const call = ({ id }: Minted, kind: Kind, n: number): Promise<Answer> => {
  if (kind === 'rotate') return owner.post(`/keys/${id}/rotate`, { graceSeconds: n % 3 === 0 ? 0 : 3600 + n });
  if (kind === 'revoke') return owner.post(`/keys/${id}/revoke`, { reason: 'superseded', description: `revocation ${n}` });
  return owner.patch(`/keys/${id}`, { name: `name ${n}`, ...(n % 2 === 1 && { scopes: SCOPES.slice(0, n % 4), enabled: true }) });
};

/** The most secrets of a key that were ever live at one moment while `work` ran. */
async function mostLive<Result>({ id }: Minted, work: () => Promise<Result>): Promise<{ result: Result; most: number }> {
  const client = new Client({ connectionString: installation.stack.databaseUrl });
  await client.connect();
  let most = 0;
  const watched = { done: false };
  const watching = (async () => {
    while (!watched.done) {
      const { rows } = await client.query<{ live: number }>(
        `SELECT count(*)::int AS live FROM secrets
         WHERE key_id = $1 AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > clock_timestamp())`,
        [id],
      );
      most = Math.max(most, rows[0]?.live ?? 0);
    }
  })();
  const result = await work();
  watched.done = true;
  await watching;
  await client.end();
  return { result, most };
}

async function historyOf({ id }: Minted): Promise<readonly Entry[]> {
  const { body } = await owner.get(`/audit?limit=200&target=${id}`);
  return (body as { readonly data: readonly Entry[] }).data.toReversed();
}

/** Follows a history, each step of which must begin where the one before has left the key. */
function outcomeOf(history: readonly Entry[]): { readonly key: State; readonly secrets: Record<string, string | null> } {
  const key: State = {};
  const secrets: Record<string, string | null> = {};
  for (const { before, after } of history) {
    const { secrets: formerSecrets = [], ...former } = (before ?? {}) as State & { secrets?: ShownSecret[] };
    const { secrets: laterSecrets = [], ...later } = (after ?? {}) as State & { secrets?: ShownSecret[] };
    for (const [field, value] of Object.entries(former)) expect([field, key[field]]).toEqual([field, value]);
    for (const { id, endsAt } of formerSecrets) if (id in secrets) expect([id, secrets[id]]).toEqual([id, endsAt]);
    Object.assign(key, later);
    for (const { id, endsAt } of laterSecrets) secrets[id] = endsAt;
  }
  return { key, secrets };
}

const MIXTURES: [string, Record<Kind, number>][] = [
  ['rotations and patches', { rotate: 70, patch: 30, revoke: 0 }],
  ['rotations, patches and revocations', { rotate: 60, patch: 25, revoke: 15 }],
];

test.each(MIXTURES)(
  '100 %s of one key at once leave one history, which explains how it is',
  async (_, mixture) => {
    const key = await installation.mint();
    const calls = (Object.keys(mixture) as Kind[]).flatMap((kind) => Array.from({ length: mixture[kind] }, () => kind));
    const shuffled = calls.map((kind, n) => ({ kind, order: (n * 37) % 100 })).sort((one, other) => one.order - other.order);
    const { result: answers, most } = await mostLive(key, async () => {
      let startOthers = (): void => undefined;
      const rotatedOnce = new Promise<void>((resolve) => (startOthers = resolve));
      return Promise.all(
        shuffled.map(async ({ kind }, n) => {
          if (mixture.revoke > 0 && (kind === 'revoke' || n >= 60)) await rotatedOnce; // else all might come too late
          const answer = await call(key, kind, n);
          if (answer.status === 201) startOthers();
          return { kind, answer };
        }),
      );
    });

    expect(most).toBeLessThanOrEqual(2);
    expect(new Set(answers.map(({ answer }) => answer.status))).toEqual(
      new Set(mixture.revoke > 0 ? [200, 201, 409] : [200, 201]),
    );
    expect((await owner.post('/audit/verify', {})).body).toMatchObject({ valid: true, firstBroken: null });

    const history = await historyOf(key);
    const minted = answers
      .filter(({ answer }) => answer.status === 201)
      .map(({ answer }) => (answer.body as { key: string }).key);
    const patched = answers.filter(({ kind, answer }) => kind === 'patch' && answer.status === 200);
    const count = (action: string) => history.filter((entry) => entry.action === action).length;
    expect([count('key.created'), count('key.rotated'), count('key.updated'), count('key.revoked')]).toEqual([
      ...[1, minted.length, patched.length, mixture.revoke > 0 ? 1 : 0],
    ]);

    const told = outcomeOf(history);
    const shown = (await owner.get(`/keys/${key.id}`)).body as State & { readonly secrets: readonly ShownSecret[] };
    const { name, scopes, revokedAt, revocationReason } = shown;
    expect(told.key).toMatchObject({ name, scopes, revokedAt, revocationReason });
    for (const { id, endsAt } of shown.secrets) expect([id, told.secrets[id]]).toEqual([id, endsAt]);

    const verdicts = await Promise.all(
      [key.token, ...minted].map((token) => installation.verifier.code({ tokenSha256: tokenSha256(token) })),
    );
    const live = shown.secrets.filter(({ endsAt }) => endsAt === null || Date.parse(endsAt) > Date.now()).length;
    expect(live).toBeLessThanOrEqual(2);
    expect(verdicts.filter((verdict) => verdict === 'VALID')).toHaveLength(mixture.revoke > 0 ? 0 : live);
  },
  120_000,
);

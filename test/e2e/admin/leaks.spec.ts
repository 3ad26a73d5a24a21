import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import { tokenSha256 } from '#libs/key-domain';
import { commandBlocks } from '../../support/documents.js';
import { runShell } from '../../support/shell.js';
import { type Installation, startInstallation } from '../verifier/installation.js';
import { GithubScanning, postReport } from './github-scanning.js';
import { faultPaths, mint, newcomer } from './office.js';

/** GitHub's own example: what it signs, and the key by which that is checked. */
const EXAMPLE = {
  body: '[{"token":"some_token","type":"some_type","url":"some_url","source":"some_source"}]',
  signature: 'MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ+L2y8oQ9A2T9GGJo6WJY=',
  key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gPHzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==',
};
const PEM = `-----BEGIN PUBLIC KEY-----\n${EXAMPLE.key}\n-----END PUBLIC KEY-----\n`;

const ROOT = join(import.meta.dirname, '../../..');

const stranger = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

let github: GithubScanning;
let installation: Installation;

beforeAll(async () => {
  github = await GithubScanning.start([{ key_identifier: 'example', key: PEM, is_current: false }]);
  installation = await startInstallation({ env: { MINTMARK_GITHUB_KEYS_URL: github.keysUrl } });
});
afterAll(async () => {
  await installation.stop();
  github.stop();
});

const post = (body: string, headers: Record<string, string>) => postReport(installation.stack, body, headers);
const signed = (body: string, identifier: string, signature: string) =>
  post(body, { 'Github-Public-Key-Identifier': identifier, 'Github-Public-Key-Signature': signature });
const report = (body: unknown) => github.report(installation.stack, body);
const found = (token: string, url = 'https://github.example/a/b') => ({ token, type: 'mintmark_key', url, source: 'content' });
const labelled = (token: string, label: string) => ({
  token_hash: createHash('sha256').update(token).digest('hex'),
  token_type: 'mintmark_key',
  label,
});
const codeOf = (token: string) => installation.verifier.code({ tokenSha256: tokenSha256(token) });

interface Entry {
  readonly action: string;
  readonly after: unknown;
}
async function recordOf(id: string): Promise<readonly Entry[]> {
  const { body } = await installation.admin.get(`/audit?target=${id}`);
  return (body as { readonly data: readonly Entry[] }).data;
}

describe('a report', () => {
  test('of GitHub’s own example is taken as it is, byte for byte', async () => {
    const answer = await signed(EXAMPLE.body, 'example', EXAMPLE.signature);
    expect([answer.status, answer.body]).toEqual([
      200,
      [{ ...labelled('some_token', 'false_positive'), token_type: 'some_type' }],
    ]);
    expect((await signed(`${EXAMPLE.body}\n`, 'example', EXAMPLE.signature)).status).toBe(401);
  });

  test('that GitHub has not signed changes nothing', async () => {
    const { token } = await installation.mint();
    const body = JSON.stringify([found(token)]);
    const [own, strangers] = [github.sign(body), sign('sha256', Buffer.from(body), stranger.privateKey).toString('base64')];
    const answers = [
      await post(body, {}),
      await post(body, { 'Github-Public-Key-Identifier': 'own' }),
      await post(body, { 'Github-Public-Key-Signature': own }),
      await signed(body, 'own', strangers),
      await signed(body, 'example', own),
      await signed(body, 'unknown', own),
      await signed(body, 'own', 'nonsense'),
      await signed(body.replace('content', 'Content'), 'own', own),
    ];
    expect(answers.map(({ status }) => status)).toEqual(Array(answers.length).fill(401));
    expect(await codeOf(token)).toBe('VALID');
  });

  test.each([
    ['no list', {}, ['']],
    ['an empty list', [], ['']],
    ['a match without a token', [{ type: 'x', url: '' }], ['0.token']],
    ['over 1,000 matches', Array.from({ length: 1_001 }, (_, n) => found(`t${n}`)), ['']],
  ])('that is signed and is %s is refused', async (_, body, paths) => {
    const answer = await report(body);
    expect([answer.status, faultPaths(answer)]).toEqual([400, paths]);
  });

  test('over a megabyte is refused, and one of 1,000 matches answered in their order', async () => {
    expect((await report([found('x'.repeat(1024 * 1024))])).status).toBe(413);
    const tokens = Array.from({ length: 1_000 }, (_, n) => `token-${n}`);
    const answer = await report(tokens.map((token) => found(token)));
    expect(answer.body).toEqual(tokens.map((token) => labelled(token, 'false_positive')));
  });
});

describe('a token that was found', () => {
  test('is refused once the report is answered, whichever account it belongs to', async () => {
    const other = await newcomer(installation.stack, { role: 'owner' });
    const [mine, theirs] = [await installation.mint(), await mint(other)];
    expect(await codeOf(mine.token)).toBe('VALID');
    const unknown = `mm_live_${'0'.repeat(38)}1gFbYm`;
    const answer = await report([found(theirs.token), found(unknown), found(mine.token), found('no token\u0000')]);
    expect([answer.status, answer.body]).toEqual([
      200,
      [
        labelled(theirs.token, 'true_positive'),
        labelled(unknown, 'false_positive'),
        labelled(mine.token, 'true_positive'),
        labelled('no token\u0000', 'false_positive'),
      ],
    ]);
    expect(await codeOf(mine.token)).toBe('REVOKED');
    const revoked = { status: 'revoked', revocationReason: 'key_compromise' };
    expect((await installation.admin.get(`/keys/${mine.id}`)).body).toMatchObject(revoked);
    expect((await other.get(`/keys/${theirs.id}`)).body).toMatchObject(revoked);
  });

  test('is put down once with every place, and never the token', async () => {
    const { id, token } = await installation.mint();
    const places = [found(token, `https://github.example/${token}/x`), found(token, 'https://github.example/second')];
    await report(places);
    expect((await report(places)).body).toEqual(places.map(() => labelled(token, 'true_positive')));
    const record = await recordOf(id);
    expect(record.map(({ action }) => action)).toEqual(['key.leaked', 'key.revoked', 'key.created']);
    expect(record[0]).toMatchObject({
      actor: { type: 'system', id: 'leaks' },
      address: '127.0.0.1',
      after: {
        places: [
          { url: 'https://github.example/…/x', source: 'content', type: 'mintmark_key' },
          { url: 'https://github.example/second', source: 'content', type: 'mintmark_key' },
        ],
      },
    });
    expect(JSON.stringify(record)).not.toContain(token);
    expect((await installation.admin.post('/audit/verify', {})).body).toMatchObject({ valid: true });
  });

  test('of a secret that was rotated away is real, and does its key no harm', async () => {
    const key = await installation.mint();
    const { body } = await installation.admin.post(`/keys/${key.id}/rotate`, { graceSeconds: 0 });
    const { key: newer } = body as { readonly key: string };
    expect((await report([found(key.token)])).body).toEqual([labelled(key.token, 'true_positive')]);
    expect([await codeOf(key.token), await codeOf(newer)]).toEqual(['REVOKED', 'VALID']);
  });

  test('in its grace period ends its key, the newer secret too', async () => {
    const key = await installation.mint();
    const { body } = await installation.admin.post(`/keys/${key.id}/rotate`, { graceSeconds: 3600 });
    const { key: newer } = body as { readonly key: string };
    await report([found(key.token)]);
    expect([await codeOf(key.token), await codeOf(newer)]).toEqual(['REVOKED', 'REVOKED']);
  });

  test('of a disabled key is revoked too: it could be enabled again', async () => {
    const key = await installation.mint();
    await installation.admin.patch(`/keys/${key.id}`, { enabled: false });
    await report([found(key.token)]);
    expect((await installation.admin.patch(`/keys/${key.id}`, { enabled: true })).status).toBe(409);
  });

  test('keeps the reason of a key that was revoked before', async () => {
    const key = await installation.mint();
    await installation.admin.post(`/keys/${key.id}/revoke`, { reason: 'superseded' });
    expect((await report([found(key.token)])).body).toEqual([labelled(key.token, 'true_positive')]);
    expect((await installation.admin.get(`/keys/${key.id}`)).body).toMatchObject({ revocationReason: 'superseded' });
  });
});

test('the command of docs/leaks.md revokes the key whose token was found', async () => {
  const { token } = await installation.mint();
  const [command] = (await commandBlocks(ROOT)).filter(({ file }) => file === 'docs/leaks.md');
  const script = command?.script.replaceAll('http://127.0.0.1:3000', installation.stack.adminUrl) ?? '';
  const { exitCode, stdout } = await runShell(script, { cwd: ROOT, env: { KEY: token } });
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { enforced: { by: 'acknowledgement' } }]);
  expect(await codeOf(token)).toBe('REVOKED');
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';

const PYTHON = '/usr/bin/python3';
const CLIENT = join(import.meta.dirname, '../../clients/verify_token.py');

const required = (process.env['MINTMARK_TEST_REQUIRE'] ?? '').split(/[\s,]+/).includes('python');
const absent = spawnSync(PYTHON, ['-c', 'import grpc, google.protobuf']).status !== 0;
const skipped = absent && !required;
if (skipped) process.stderr.write('skipped: the client in Python needs python3-grpcio (apt-get install python3-grpcio)\n');

(skipped ? describe.skip : describe)('a client written in Python from the .proto alone', () => {
  let stack: Stack;
  let admin: AdminClient;

  beforeAll(async () => {
    stack = await startStack();
    admin = await signIn(stack);
  });
  afterAll(() => stack.stop());

  const mint = async () => {
    const { body } = await admin.post('/keys', { name: 'for Python', scopes: ['garments:read'] });
    return body as { readonly key: string; readonly metadata: { readonly id: string } };
  };
  const base64 = (bytes: Buffer) => bytes.toString('base64');
  const verify = (requests: readonly object[], serviceKey = stack.serviceKey) =>
    runClient(requests, { MINTMARK_VERIFIER_URL: `http://${stack.verifierGrpc}`, MINTMARK_SERVICE_KEY: serviceKey });

  test('gets the verdicts, one by one and in a batch', async () => {
    const [good, revoked] = [await mint(), await mint()];
    await admin.post(`/keys/${revoked.metadata.id}/revoke`, { reason: 'superseded' });
    const found = await verify([
      { token: good.key, requiredScopes: ['garments:read'] },
      { tokenSha256: base64(createHash('sha256').update(good.key).digest()) },
      { token: 'gm_live_xxx' },
      { token: revoked.key },
    ]);
    expect(found.health).toBe('SERVING');
    const responses = found.verifyToken.map(({ response }) => response);
    expect(responses.map((response) => response?.code)).toEqual(
      ['VALID', 'VALID', 'MALFORMED', 'REVOKED'].map((code) => `VERIFICATION_CODE_${code}`),
    );
    expect(responses[0]).toMatchObject({
      valid: true,
      grant: { keyId: good.metadata.id, scopes: ['garments:read'], environment: 'live' },
    });
    expect(found.verifyTokens.response).toEqual({ responses });
  });

  test('without a service key is told UNAUTHENTICATED', async () => {
    const found = await verify([{ token: 'gm_live_xxx' }], '');
    expect(found.verifyToken).toEqual([{ error: { code: 'UNAUTHENTICATED', details: expect.any(String) } }]);
    expect(found.verifyTokens.error?.code).toBe('UNAUTHENTICATED');
  });

  test('with a digest of 33 bytes is told INVALID_ARGUMENT, and in a batch the index', async () => {
    const found = await verify([{ token: 'gm_live_xxx' }, { tokenSha256: base64(Buffer.alloc(33)) }]);
    expect(found.verifyToken[1]?.error?.code).toBe('INVALID_ARGUMENT');
    expect(found.verifyTokens.error).toMatchObject({ code: 'INVALID_ARGUMENT', details: expect.stringMatching(/\b1\b/) });
  });
});

interface Outcome {
  readonly response?: Record<string, unknown>;
  readonly error?: { readonly code: string; readonly details: string };
}

interface Found {
  readonly health: string;
  readonly verifyToken: readonly Outcome[];
  readonly verifyTokens: Outcome;
}

async function runClient(requests: readonly object[], env: Readonly<Record<string, string>>): Promise<Found> {
  const child = spawn(PYTHON, ['-B', CLIENT], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`the client ended with ${String(code)}`);
  return JSON.parse(output) as Found;
}

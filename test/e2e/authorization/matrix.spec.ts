import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { AUTHORIZATION_MATRIX, type MatrixRow } from '../../../apps/admin/src/access/authorization-matrix.js';
import { PERMISSIONS } from '../../../apps/admin/src/access/authorization.js';
import { type Stack, startStack } from '../../support/stack.js';
import { forgetAttempts } from '../admin/people.js';
import { type Account, type Caller, type Callers, everybody } from './callers.js';
import { OBJECTS } from './objects.js';

let stack: Stack;
let callers: Callers;
let cells = 0;

beforeAll(async () => {
  stack = await startStack({ env: { MINTMARK_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' } });
  callers = await everybody(stack);
}, 60_000);
afterAll(async () => {
  process.stdout.write(
    `authorization matrix: ${AUTHORIZATION_MATRIX.length} routes, ${callers.all.length} callers, ${cells} cells\n`,
  );
  await stack.stop();
});

/** What the guard is to say to a caller: 401, 403, or that they may. */
function verdict({ access }: MatrixRow, { kind, role, operator, scopes }: Caller): 401 | 403 | 'may' {
  if (access.kind === 'public') return 'may';
  if (kind === 'nobody') return 401;
  if (access.kind === 'person' || access.kind === 'key') return access.kind === kind ? 'may' : 401;
  if (access.kind === 'operator') return operator ? 'may' : 403;
  const { roles, scope }: { readonly roles: readonly string[]; readonly scope: string } = PERMISSIONS[access.permission];
  return (kind === 'person' ? roles.includes(role ?? '') : scopes.includes(scope)) ? 'may' : 403;
}

/** What an answer is to be, about an object of the caller's account or about another account's. */
function expectation(row: MatrixRow, caller: Caller, isOwn: boolean): number | 'success' {
  const permitted = verdict(row, caller);
  if (permitted !== 'may') return permitted;
  if (!isOwn) return 404;
  const { tooLittle = [] } = row;
  const holdsEnough = caller.kind !== 'key' || tooLittle.length === 0 || caller.scopes.length > tooLittle.length;
  return holdsEnough ? (row.answer ?? 'success') : 403;
}

/** Calls a route as somebody would, on a new object of an account. */
async function call(row: MatrixRow, caller: Caller, account: Account, isOwn: boolean): Promise<number> {
  const [method = '', pattern = ''] = row.route.split(' ');
  const parameters =
    row.on === undefined
      ? {}
      : await OBJECTS[row.on]({ stack, account, operator: callers.ours.owner, caller: isOwn ? caller : null });
  const path = pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
  if (pattern.includes('/auth/') || row.on === 'member') await forgetAttempts(stack);
  const body = row.raw?.text ?? (row.body === undefined ? undefined : filled(row.body, caller));
  const answer = await fetch(`${stack.adminUrl}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(row.spends === true ? await caller.freshHeaders() : await caller.headers()),
      ...(body !== undefined && { 'content-type': row.raw?.type ?? 'application/json' }),
    },
    ...(body !== undefined && { body }),
  });
  await answer.arrayBuffer();
  cells += 1;
  return answer.status;
}

function filled(body: unknown, caller: Caller): string {
  const { ours } = callers;
  const values: Readonly<Record<string, string>> = {
    fresh: randomBytes(6).toString('hex'),
    ownerEmail: ours.credentials.email,
    ownerPassword: ours.credentials.password,
    account: caller.account?.id ?? ours.id,
    email: caller.credentials?.email ?? 'nobody@example.com',
    password: caller.credentials?.password ?? 'a long password',
  };
  return JSON.stringify(body).replace(/\$(\w+)/g, (word, name: string) => values[name] ?? word);
}

function isAsExpected(status: number, expected: number | 'success'): boolean {
  return expected === 'success' ? status >= 200 && status < 300 : status === expected;
}

describe('who may call', () => {
  test.each(AUTHORIZATION_MATRIX)(
    '$route',
    async (row) => {
      const wrong: string[] = [];
      const check = async (caller: Caller, account: Account, isOwn: boolean) => {
        const expected = expectation(row, caller, isOwn);
        const status = await call(row, caller, account, isOwn);
        if (isAsExpected(status, expected)) return;
        wrong.push(`${caller.name}, ${isOwn ? 'own' : 'foreign'}: ${status} instead of ${expected}`);
      };
      for (const caller of callers.all) {
        const own = caller.account ?? callers.ours;
        await check(caller, own, true);
        if (row.on === undefined || row.access.kind === 'operator') continue;
        await check(caller, own === callers.ours ? callers.theirs : callers.ours, false);
      }
      expect(wrong).toEqual([]);
    },
    120_000,
  );
});

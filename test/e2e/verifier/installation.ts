import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type AdminClient, type Answer, signIn } from '../../support/admin-client.js';
import { type Stack, type StackOptions, startStack } from '../../support/stack.js';
import { OutsideClient } from './outside-client.js';

export interface Minted {
  readonly token: string;
  readonly id: string;
}

/** A running stack, its owner signed in, and a service of its account. */
export interface Installation {
  readonly stack: Stack;
  readonly admin: AdminClient;
  readonly verifier: OutsideClient;
  /** Issues a key as its owner would. */
  mint(fields?: object): Promise<Minted>;
  revoke(key: Minted): Promise<void>;
  /** A service that presents this header `authorization`; null: none. */
  service(authorization: string | null): OutsideClient;
  /** For states that no call of this version brings about. They are in force when it returns. */
  readonly sql: (statement: string, values?: readonly unknown[]) => Promise<void>;
  stop(): Promise<void>;
}

export async function startInstallation(options?: StackOptions): Promise<Installation> {
  const stack = await startStack(options);
  const admin = await signIn(stack);
  const services: OutsideClient[] = [];
  const service = (authorization: string | null) => {
    const client = new OutsideClient(stack.verifierGrpc, authorization);
    services.push(client);
    return client;
  };
  const mint = async (fields?: object): Promise<Minted> => {
    const { status, body } = await answered(() => admin.post('/keys', { name: 'judged', ...fields }));
    if (status !== 201) throw new Error(`not issued: ${status} ${JSON.stringify(body)}`);
    const { key, metadata } = body as { readonly key: string; readonly metadata: { readonly id: string } };
    return { token: key, id: metadata.id };
  };
  const revoke = async ({ id }: Minted): Promise<void> => {
    const { status, body } = await answered(() => admin.post(`/keys/${id}/revoke`, { reason: 'unspecified' }));
    if (status !== 200) throw new Error(`not revoked: ${status} ${JSON.stringify(body)}`);
  };
  return {
    stack,
    admin,
    service,
    verifier: service(`Bearer ${stack.serviceKey}`),
    mint,
    revoke,
    sql: async (statement, values) => {
      await runSql(stack.databaseUrl, statement, values);
      await runSql(stack.databaseUrl, NOTE_CHANGE_OF_ALL);
      await revoke(await mint()); // a change is in force only when those before it are
    },
    stop: async () => {
      for (const client of services) client.close();
      await stack.stop();
    },
  };
}

/** Asks again while the admin says that it can't answer now; the tests of outages ask for themselves. */
async function answered(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask();
    if (answer.status !== 503 || attempt === ATTEMPTS) return answer;
    await sleep(100);
  }
}

const ATTEMPTS = 20;

const NOTE_CHANGE_OF_ALL = `
  WITH numbered AS (UPDATE change_journal SET head = head + 1 RETURNING head)
  INSERT INTO changes (place, kind, account_id, key_id, handles) SELECT head, 'all', '', '', '{}' FROM numbered`;

async function runSql(url: string, statement: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query(statement, [...values]);
    if (rowCount === 0) throw new Error(`nothing changed: ${statement}`);
  } finally {
    await client.end();
  }
}

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type Resolve, resolveName } from './resolve-name.js';

const TIMEOUT_MS = 500;
const A = 1;
const AAAA = 28;
const NO_ERROR = 0x8180;
const NO_SUCH_NAME = 0x8183;

/** A name server (RFC 1035): of a name it has an address, or none, or it never answers. */
let server: Socket;
let resolve: Resolve;
beforeAll(async () => {
  server = createSocket('udp4', (query, { port }) => {
    const name = nameIn(query);
    if (!name.startsWith('silent')) server.send(answerTo(query, name), port);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  resolve = resolveName({ servers: [`127.0.0.1:${server.address().port}`], timeoutMs: TIMEOUT_MS });
});
afterAll(() => {
  server.close();
});

function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = 12, length = query[at] ?? 0; length > 0; at += length + 1, length = query[at] ?? 0)
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
  return labels.join('.');
}

function answerTo(query: Buffer, name: string): Buffer {
  const question = query.subarray(12, 12 + name.length + 2 + 4);
  const type = question.readUInt16BE(question.length - 4);
  const rdata =
    type === A && name !== 'six.example'
      ? [192, 0, 2, 7]
      : type === AAAA
        ? [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 7]
        : null;
  const known = name === 'known.example' || name === 'six.example';
  const answered = known && rdata !== null;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(known ? NO_ERROR : NO_SUCH_NAME, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answered ? 1 : 0, 6);
  if (!answered) return Buffer.concat([header, question]);
  const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, rdata.length, ...rdata]);
  return Buffer.concat([header, question, record]);
}

describe('a name of a webhook', () => {
  test('has the addresses that name servers tell, of both families or of one', async () => {
    const six = { address: '2001:db8::7', family: 6 };
    expect(await resolve('known.example')).toEqual([{ address: '192.0.2.7', family: 4 }, six]);
    expect(await resolve('six.example')).toEqual([six]);
  });

  test('that nobody has is told as such', async () => {
    await expect(resolve('nobody.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('that is never answered for holds nobody up, and ends by itself', async () => {
    let ended = 0;
    const silent = Array.from({ length: 64 }, (_, number) =>
      resolve(`silent-${number}.example`).catch((error: unknown) => {
        ended += 1;
        return error;
      }),
    );
    await resolve('localhost');
    await readFile(new URL(import.meta.url));
    expect(await resolve('known.example')).toHaveLength(2);
    expect(ended).toBe(0);
    expect(await Promise.all(silent)).toEqual(silent.map(() => expect.objectContaining({ code: 'ETIMEOUT' })));
  });

  test('without a dot is one of the network that Mintmark is in', async () => {
    expect(await resolve('localhost')).toContainEqual({ address: '127.0.0.1', family: 4 });
  });
});

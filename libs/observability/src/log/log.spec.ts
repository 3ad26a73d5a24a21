import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { createLog } from './log.js';
import { NestLog } from './nest-log.js';

interface Line {
  readonly level: string;
  readonly app: string;
  readonly time: string;
  readonly message?: string;
  readonly [field: string]: unknown;
}

function capture() {
  const written: string[] = [];
  const log = createLog('test', { write: (line: string) => void written.push(line) });
  return { log, text: () => written.join(''), lines: () => written.map((line) => JSON.parse(line) as Line) };
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,15}$/);
const body = fc.oneof(fc.stringMatching(/^[0-9A-Za-z]{44}$/), fc.stringMatching(/^[0-9a-f]{64}$/));
const token = fc.tuple(word, fc.option(word), body).map(([prefix, environment, text]) => ({
  body: text,
  text: [prefix, ...(environment === null ? [] : [environment]), text].join('_'),
}));

describe('log', () => {
  test('writes a line of JSON with level, app, time and message', () => {
    const { log, lines } = capture();
    log.info({ port: 3000 }, 'listening');
    expect(lines()).toEqual([
      { level: 'info', app: 'test', time: expect.stringMatching(/^\d{4}-.*Z$/), port: 3000, message: 'listening' },
    ]);
  });

  test('writes nothing below info', () => {
    const { log, text } = capture();
    log.debug('a detail');
    expect(text()).toBe('');
  });

  test('no minted token gets through, in a message, a stack, a cause or at any depth, whatever stands around it', () => {
    fc.assert(
      fc.property(token, fc.string(), fc.string(), (minted, before, after) => {
        const { log, text, lines } = capture();
        const around = before + minted.text + after;
        log.warn(around);
        log.warn({ err: new Error(around, { cause: new TypeError(around) }), deep: { list: [{ note: around }] } }, around);
        expect(text()).not.toContain(minted.body);
        expect(lines()).toHaveLength(2);
      }),
    );
  });

  test('no SHA-256 gets through, in hexadecimal, upper case, base64 or as bytes', () => {
    fc.assert(
      fc.property(fc.string(), (secret) => {
        const { log, text } = capture();
        const sha256 = createHash('sha256').update(secret).digest();
        const spellings = [
          sha256.toString('hex'),
          sha256.toString('hex').toUpperCase(),
          sha256.toString('base64'),
          sha256.toString('base64url'),
        ];
        log.error({ note: spellings, bytes: sha256 }, `a row (\\x${spellings[0]}) and ${spellings.join(' ')}`);
        for (const spelling of spellings) expect(text()).not.toContain(spelling);
        expect(text()).not.toContain(JSON.stringify([...sha256]).slice(1, -1));
      }),
    );
  });

  test.each([
    ['Bearer short', 'header was Bearer short', 'short'],
    ['Basic credentials', 'header was basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
    ["a database's password", 'connecting to postgresql://app:hunter2@127.0.0.1:5432/x failed', 'hunter2'],
  ])('blanks %s in a message', (_, message, secret) => {
    const { log, text } = capture();
    log.warn(message);
    expect(text()).not.toContain(secret);
  });

  test.each([
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'token',
    'tokenSha256',
    'token_sha256',
    'key',
    'serviceKey',
    'MINTMARK_SERVICE_KEY',
    'password',
    'passwordHash',
    'pepper',
    'peppers',
    'digest',
    'digests',
    'sha256',
  ])('blanks the field %s', (name) => {
    const { log, text } = capture();
    log.warn({ [name]: 'hush', inside: { [name]: ['hush'] } }, 'sent');
    expect(text()).not.toContain('hush');
  });

  test('keeps identifiers, which name a secret without being one', () => {
    const { log, lines } = capture();
    log.warn({ keyId: 'key_01jd0000000000000000000000', secretId: 'sec_1', pepperIds: ['old'] }, 'moved');
    expect(lines()[0]).toMatchObject({ keyId: 'key_01jd0000000000000000000000', secretId: 'sec_1', pepperIds: ['old'] });
  });

  test("keeps an error's name, code, stack and cause, and nothing else that hangs on it", () => {
    const { log, lines, text } = capture();
    const error = Object.assign(new RangeError('broken', { cause: new Error('below') }), {
      code: '57P01',
      parameters: ['hush'],
      query: 'SELECT hush',
    });
    log.error({ err: error }, 'failed');
    expect(lines()[0]).toMatchObject({
      err: { type: 'RangeError', message: 'broken', code: '57P01', cause: { message: 'below' } },
    });
    expect(text()).toContain('log.spec');
    expect(text()).not.toContain('hush');
  });

  test('stays valid and bounded, whatever it is given', () => {
    const circular: Record<string, unknown> = { huge: 'x y '.repeat(50_000) };
    circular['self'] = circular;
    fc.assert(
      fc.property(fc.object({ withBigInt: true, withDate: true, withNullPrototype: true, withTypedArray: true }), (facts) => {
        const { log, lines, text } = capture();
        log.info({ facts, circular }, 'anything');
        expect(lines()).toHaveLength(1);
        expect(text().length).toBeLessThan(500_000);
      }),
    );
  });

  test('scrubbing a megabyte takes no time to speak of', () => {
    const { log } = capture();
    const began = performance.now();
    for (const unit of ['a', 'a_', 'A-b', 'Bearer ', '://x:', '=']) log.warn(unit.repeat(1_000_000 / unit.length));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('NestLog', () => {
  test("hands on warnings and errors with their context, and keeps Nest's account of its wiring back", () => {
    const { log, lines } = capture();
    const nest = new NestLog(log);
    nest.log('Mapped {/health, GET} route', 'RouterExplorer');
    nest.warn('odd', 'Injector');
    nest.error('broken', 'Error: broken\n at x', 'ExceptionsHandler');
    nest.error(new Error('thrown'));
    expect(lines()).toMatchObject([
      { level: 'warn', message: 'odd', context: 'Injector' },
      { level: 'error', message: 'broken', context: 'ExceptionsHandler', err: 'Error: broken\n at x' },
      { level: 'error', message: 'thrown', err: { type: 'Error', message: 'thrown' } },
    ]);
  });
});

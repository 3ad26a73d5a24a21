import type { paths } from '#libs/rest-contract';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { assertNoRedirect, credentialHeaders } from '../../../client/admin-api.js';
import { ApiError } from '../../../client/api-error.js';
import { askPatiently } from '../../../client/patient-fetch.js';
import type { Site } from '../../../credentials/credential.js';
import { EXIT } from '../../../ending/exit-codes.js';
import { Failure } from '../../../ending/failure.js';
import type { Line } from './parts.js';

const ROUTE = '/api/v1/keys/import' satisfies keyof paths;
const TRIES = 4;

const lineAnswer = z.looseObject({ line: z.int().positive(), existing: z.boolean().optional(), error: z.unknown().optional() });

/** What the API says of a line: the id of its key, or its fault. */
export type LineAnswer = z.output<typeof lineAnswer>;

type Body = Parameters<typeof Readable.fromWeb>[0];

/**
 * Sends a part, and the rest of it again where the import ended early: what was answered is done, and a line that was
 * done without an answer is known again.
 * @throws Failure where several tries in a row were of no use
 */
export async function* answersTo(site: Site, part: readonly Line[]): AsyncGenerator<LineAnswer> {
  let rest = part;
  let triesLeft = TRIES;
  while (rest.length > 0) {
    const sent = rest;
    try {
      for await (const answer of send(site, sent)) {
        const line = sent[answer.line - 1];
        if (line === undefined) throw ApiError.of(200, null);
        yield { ...answer, line: line.number };
        rest = sent.slice(answer.line);
        triesLeft = TRIES;
      }
      if (rest === sent) throw Failure.unavailable('the import ended before its first line was answered');
    } catch (error) {
      triesLeft -= 1;
      if (!(error instanceof Failure) || !isPassing(error) || triesLeft === 0) throw error;
      await sleep(1_000);
    }
  }
}

/** Whether the same may succeed a moment later. */
function isPassing({ exitCode }: Failure): boolean {
  return exitCode === EXIT.unavailable || exitCode === EXIT.unconfirmed;
}

async function* send({ url, credential }: Site, lines: readonly Line[]): AsyncGenerator<LineAnswer> {
  const headers = { 'content-type': 'application/x-ndjson', ...credentialHeaders(credential) };
  const body = lines.map(({ text }) => `${text}\n`).join('');
  const response = await askPatiently(new Request(`${url}${ROUTE}`, { method: 'POST', headers, body }));
  assertNoRedirect(response);
  if (!response.ok) throw ApiError.of(response.status, await response.json().catch(() => null));
  if (response.body === null) return;
  for await (const text of linesOf(response.body)) {
    const answer: unknown = JSON.parse(text);
    const { success, data } = lineAnswer.safeParse(answer);
    if (!success) throw ApiError.of(503, answer); // a last line without a number: the import ended early
    yield data;
  }
}

/** Whole lines alone: the last may be cut off with the connection. */
async function* linesOf(body: Body): AsyncGenerator<string> {
  let begun = '';
  const text = Readable.fromWeb(body).setEncoding('utf8');
  try {
    for await (const chunk of text) {
      const lines = `${begun}${String(chunk)}`.split('\n');
      begun = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    throw Failure.unavailable('the connection was lost during the import', error);
  }
}

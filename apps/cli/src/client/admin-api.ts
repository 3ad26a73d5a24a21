import type { components, paths } from '#libs/rest-contract';
import createClient, { type Client } from 'openapi-fetch';
import type { Credential, Site } from '../credentials/credential.js';
import { Failure } from '../ending/failure.js';
import { VERSION } from '../version.js';
import { ApiError } from './api-error.js';
import { askByMethod } from './patient-fetch.js';

export type AdminApi = Client<paths>;
export type Schemas = components['schemas'];

/** The admin of an installation, spoken to as its OpenAPI document has it. */
export function adminApi({ url, credential }: Site): AdminApi {
  const headers = { 'user-agent': `mintmark/${VERSION}`, ...credentialHeaders(credential) };
  return createClient<paths>({ baseUrl: url, headers, fetch: askByMethod });
}

export function credentialHeaders(credential: Credential | null): Readonly<Record<string, string>> {
  if (credential === null) return {};
  return credential.kind === 'key'
    ? { authorization: `Bearer ${credential.secret}` }
    : { cookie: `mintmark_session=${credential.secret}` };
}

interface Result<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * What the admin answered.
 * @throws ApiError where it refused
 * @throws Failure where there was no answer, or only a part of one
 */
export async function answerOf<Data>(call: Promise<Result<Data>>): Promise<Data> {
  const { data, error, response } = await call.catch(asFailure);
  assertNoRedirect(response);
  if (!response.ok) throw ApiError.of(response.status, error);
  return data as Data;
}

/** Addresses that send elsewhere (http to https, mostly) are not followed: what was asked holds secrets. */
export function assertNoRedirect({ status, headers }: Response): void {
  if (status < 300 || status > 399) return;
  const target = headers.get('location');
  throw Failure.unavailable(`the admin answers from another address${target === null ? '' : `: ${target}`}; sign in there`);
}

function asFailure(error: unknown): never {
  if (error instanceof Failure) throw error;
  // openapi-fetch reads the body: what is thrown here is a connection that was lost meanwhile, or no JSON.
  if (error instanceof SyntaxError) throw Failure.unavailable('the answer is not JSON. Is the address right?', error);
  if (error instanceof TypeError) throw Failure.unavailable('the connection was lost before the whole answer came', error);
  throw error;
}

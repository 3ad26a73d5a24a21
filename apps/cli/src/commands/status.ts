import { Command } from 'commander';
import { z } from 'zod';
import { adminApi } from '../client/admin-api.js';
import { ApiError } from '../client/api-error.js';
import { assertNoRedirect } from '../client/admin-api.js';
import { askOnce } from '../client/patient-fetch.js';
import type { Site } from '../credentials/credential.js';
import { findSite } from '../credentials/site.js';
import { EXIT } from '../ending/exit-codes.js';
import { VERSION } from '../version.js';
import { isInsecureAllowed, outputOf } from './context.js';
import { type Identity, identityFields, identityOf } from './identity.js';

const health = z.object({ status: z.string(), checks: z.record(z.string(), z.unknown()) });
type Health = z.output<typeof health>;

export function statusCommand(): Command {
  return new Command('status').description("the admin's health, and who is signed in").action(status);
}

async function status(_options: unknown, command: Command): Promise<void> {
  const site = await findSite(process.env, isInsecureAllowed(command));
  const admin = await healthOf(site.url);
  const isUp = admin.status !== 'unavailable';
  const signedInAs = isUp ? await whoIsSignedIn(site) : null;
  const output = outputOf(command);
  if (output.json) await output.document({ version: VERSION, url: site.url, admin, signedInAs });
  else
    await output.fields([
      ['command', VERSION],
      ['admin', site.url],
      ...healthFields(admin),
      ...(isUp ? whoFields(signedInAs) : [NOT_KNOWN]),
    ]);
  if (!isUp) process.exitCode = EXIT.unavailable;
  else if (signedInAs === null) process.exitCode = EXIT.notSignedIn;
}

/** Answers 503 with the same body where it can't serve. */
async function healthOf(url: string): Promise<Health> {
  const response = await askOnce(new Request(`${url}/health/ready`));
  assertNoRedirect(response);
  const { success, data } = health.safeParse(await response.json().catch(() => null));
  if (!success) throw ApiError.of(response.status, null);
  return data;
}

async function whoIsSignedIn(site: Site): Promise<Identity | null> {
  if (site.credential === null) return null;
  return identityOf(adminApi(site), site.credential).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'unauthorized') return null;
    throw error;
  });
}

function healthFields({ status, checks }: Health): (readonly [string, string])[] {
  const told = Object.entries(checks).map(
    ([name, state]) => [name, typeof state === 'string' ? state : JSON.stringify(state)] as const,
  );
  return [['health', status], ...told];
}

/** An admin that can't serve can't tell. */
const NOT_KNOWN = ['signed in', 'not known'] as const;

function whoFields(identity: Identity | null): (readonly [string, string])[] {
  return identity === null ? [['signed in', 'no']] : identityFields(identity);
}

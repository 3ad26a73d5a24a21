import type { Command } from 'commander';
import { type AdminApi, adminApi } from '../client/admin-api.js';
import type { Site } from '../credentials/credential.js';
import { signedInSite } from '../credentials/site.js';
import { Output } from '../terminal/output.js';

interface GlobalOptions {
  readonly json?: boolean;
  readonly allowInsecure?: boolean;
}

export function outputOf(command: Command): Output {
  return new Output(command.optsWithGlobals<GlobalOptions>().json ?? false);
}

export function isInsecureAllowed(command: Command): { readonly allowInsecure: boolean } {
  return { allowInsecure: command.optsWithGlobals<GlobalOptions>().allowInsecure ?? false };
}

/** What a command works with once somebody has signed in. */
export interface Office {
  readonly api: AdminApi;
  readonly site: Site;
  readonly output: Output;
}

/** @throws Failure where nobody has signed in */
export async function openOffice(command: Command): Promise<Office> {
  const site = await signedInSite(process.env, isInsecureAllowed(command));
  return { api: adminApi(site), site, output: outputOf(command) };
}

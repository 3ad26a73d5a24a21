import { Failure } from '../ending/failure.js';
import { adminAddress, DEFAULT_ADDRESS } from './address.js';
import type { Credential, FoundSite, Site } from './credential.js';
import { credentialsPath, readCredentials, type StoredCredentials } from './credentials-file.js';
import { oneLineSecret } from './secret.js';

/** Where to ask, and as whom: what the variables say counts before what was kept at sign-in. */
export async function findSite(
  environment: NodeJS.ProcessEnv,
  { allowInsecure }: { readonly allowInsecure: boolean },
): Promise<FoundSite> {
  const kept = await readCredentials(credentialsPath(environment));
  const named = environment['MINTMARK_ADMIN_URL'];
  const key = environment['MINTMARK_MANAGEMENT_KEY'];
  const [address, from] = named ? [named, 'MINTMARK_ADMIN_URL'] : [kept?.url ?? DEFAULT_ADDRESS, 'what "mintmark login" kept'];
  const url = adminAddress(address, from, { allowInsecure });
  return { url, credential: key ? presented(key) : keptFor(url, kept), signedInAt: kept?.url ?? null };
}

/** @throws Failure where nobody has signed in */
export async function signedInSite(environment: NodeJS.ProcessEnv, options: { readonly allowInsecure: boolean }): Promise<Site> {
  const site = await findSite(environment, options);
  if (site.credential === null) throw Failure.notSignedIn(notSignedIn(site));
  return site;
}

function notSignedIn({ url, signedInAt }: FoundSite): string {
  const elsewhere = signedInAt === null ? '' : ` (but at ${signedInAt})`;
  return `not signed in at ${url}${elsewhere}: run "mintmark login", or set MINTMARK_MANAGEMENT_KEY`;
}

function presented(key: string): Credential {
  return { kind: 'key', secret: oneLineSecret(key, 'MINTMARK_MANAGEMENT_KEY') };
}

/** What was kept for one address is shown to no other. */
function keptFor(url: string, kept: StoredCredentials | null): Credential | null {
  return kept?.url === url ? { kind: kept.kind, secret: kept.secret } : null;
}

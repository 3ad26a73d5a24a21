import type { AuditEntry } from '#libs/key-domain';

interface Change {
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

interface Origin {
  readonly address: string | null;
  readonly userAgent: string | null;
}

const UNTOLD: Change = { before: null, after: null };
const NOWHERE: Origin = { address: null, userAgent: null };

/** An entry of the record as the API shows it. */
export function auditView({ number, at, actor, action, target, requestId, change, origin, hash }: AuditEntry) {
  const { before, after } = change.text === null ? UNTOLD : (JSON.parse(change.text) as Change);
  const { address, userAgent } = origin.text === null ? NOWHERE : (JSON.parse(origin.text) as Origin);
  const told = { number, at, actor, action, target, requestId, address, userAgent, before, after };
  return { ...told, erased: change.text === null, hash: hex(hash) };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

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
  const { before, after } = { ...UNTOLD, ...read<Change>(change.text) };
  const { address, userAgent } = { ...NOWHERE, ...read<Origin>(origin.text) };
  const told = { number, at, actor, action, target, requestId, address, userAgent, before, after };
  return {
    ...told,
    erased: change.text === null,
    digests: { change: hex(change.digest), origin: hex(origin.digest) },
    hash: hex(hash),
  };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What is no JSON was altered, which is for the check of the chain to tell: here it must not stand in the way of the others. */
function read<Part extends Change | Origin>(text: string | null): Partial<Part> {
  try {
    return (text === null ? {} : JSON.parse(text)) as Partial<Part>;
  } catch {
    return {};
  }
}

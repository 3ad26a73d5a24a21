import type { AuditEntry } from '#libs/key-domain';

interface Change {
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

interface Origin {
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** An entry of the record as the API shows it. */
export function auditView({ number, at, actor, action, target, requestId, change, origin, hash }: AuditEntry) {
  const { before, after } = read<Change>(change.text) ?? { before: null, after: null };
  const { address, userAgent } = read<Origin>(origin.text) ?? { address: null, userAgent: null };
  const told = { number, at, actor, action, target, requestId, address, userAgent, before, after };
  return { ...told, erased: change.text === null, hash: hex(hash) };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function read<Part>(text: string | null): Part | null {
  return text === null ? null : (JSON.parse(text) as Part);
}

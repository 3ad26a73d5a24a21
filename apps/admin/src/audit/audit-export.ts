import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { AuditEntry } from '#libs/key-domain';
import { auditView } from './audit-view.js';

type Row = Readonly<Record<string, string | number | null>>;

const COLUMNS = [
  ...['number', 'at', 'actorType', 'actorId', 'action', 'targetType', 'targetId'],
  ...['requestId', 'address', 'userAgent', 'before', 'after', 'changeDigest', 'originDigest', 'hash'],
];

/** One JSON object a line. */
export function jsonLines(entries: AsyncIterable<AuditEntry>): Readable {
  return Readable.from(lines(entries), { objectMode: false });
}

/** RFC 4180, with a line of names. What a spreadsheet would take for a formula is kept from being one. */
export function csv(entries: AsyncIterable<AuditEntry>): Readable {
  const table = stringify({ header: true, quoted: true, columns: COLUMNS, escape_formulas: true, record_delimiter: 'windows' });
  pipeline(Readable.from(rows(entries)), table, () => undefined); // a fault ends the table too, and its reader with it
  return table;
}

async function* lines(entries: AsyncIterable<AuditEntry>): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(auditView(entry))}\n`;
}

async function* rows(entries: AsyncIterable<AuditEntry>): AsyncGenerator<Row> {
  for await (const entry of entries) {
    const { actor, target, before, after, at, number, action, requestId, address, userAgent, digests, hash } = auditView(entry);
    yield {
      ...{ number, action, requestId, address, userAgent, hash },
      at: at.toISOString(),
      ...{ actorType: actor.type, actorId: actor.id, targetType: target.type, targetId: target.id },
      ...{ changeDigest: digests.change, originDigest: digests.origin },
      ...{ before: before && JSON.stringify(before), after: after && JSON.stringify(after) },
    };
  }
}

import { z } from 'zod';
import type { Metadata } from '#libs/key-domain';
import { isStorable, UNSTORABLE_TEXT } from '../http/text.js';

const MAX_BYTES = 4_096;
const MAX_DEPTH = 32;

type Fault = { readonly path: readonly string[]; readonly message: string };

/** What a customer attaches to a key: an object that comes back as it was sent. */
export const metadata = z
  .custom<Metadata>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), { error: 'An object.' })
  .superRefine((value, context) => {
    const fault = faultIn(value) ?? sizeFault(value);
    if (fault !== null) context.addIssue({ code: 'custom', path: [...fault.path], message: fault.message });
  })
  .meta({ type: 'object', additionalProperties: true, description: 'Up to 4 KB of JSON, 32 levels deep.' });

/** The first value that could not be stored as it is. Not recursive: a body may be nested deeper than the stack. */
function faultIn(root: Metadata): Fault | null {
  const pending: { readonly value: unknown; readonly path: readonly string[] }[] = [{ value: root, path: [] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, path } = next;
    const message = faultOf(value, path.length);
    if (message !== null) return { path, message };
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) {
      if (name === '__proto__' || !isStorable(name)) return { path, message: 'Not every name in it can be stored.' };
      pending.push({ value: member, path: [...path, name] });
    }
  }
  return null;
}

function faultOf(value: unknown, depth: number): string | null {
  if (depth > MAX_DEPTH) return `Nested deeper than ${MAX_DEPTH} levels.`;
  if (typeof value === 'string' && !isStorable(value)) return UNSTORABLE_TEXT;
  if (typeof value === 'number' && !Number.isFinite(value)) return 'A number that is too large.';
  return null;
}

function sizeFault(value: Metadata): Fault | null {
  const bytes = Buffer.byteLength(JSON.stringify(value), 'utf8');
  return bytes <= MAX_BYTES ? null : { path: [], message: `At most ${MAX_BYTES} bytes of JSON; this has ${bytes}.` };
}

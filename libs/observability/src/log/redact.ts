import { REDACTED, scrub } from './scrub.js';

const SECRET_WORDS = new Set([
  'authorization',
  'cookie',
  'token',
  'key',
  'password',
  'pepper',
  'digest',
  'sha256',
  'secret',
  'credential',
]);
/** `keyId` and `pepperIds` name a secret without being one. */
const NAMING_WORDS = new Set(['id', 'name']);
const MAX_DEPTH = 6;
const MAX_ELEMENTS = 100;

/** Whether a field of this name may hold a secret, judged by its words: `serviceKey`, `set-cookie`, `token_sha256`. */
export function isSecretField(name: string): boolean {
  const words = (name.match(/[A-Z]*[a-z0-9]+|[A-Z]+/g) ?? []).map((word) => word.toLowerCase().replace(/s$/, ''));
  return words.some((word) => SECRET_WORDS.has(word)) && !NAMING_WORDS.has(words.at(-1) ?? '');
}

/** A copy of a value that may stand in a log: plain JSON, without fields that may hold a secret, texts scrubbed. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (value instanceof Error) return describeError(value, depth);
  if (Array.isArray(value)) return value.slice(0, MAX_ELEMENTS).map((element) => redact(element, depth + 1));
  return redactFields(value, depth);
}

function redactFields(object: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object)
      .slice(0, MAX_ELEMENTS)
      .map(([name, value]) => [name, isSecretField(name) ? REDACTED : redact(value, depth + 1)]),
  );
}

/** Only what is named here: a driver hangs whole queries with their parameters on its errors. */
function describeError(error: Error, depth: number): Record<string, unknown> {
  const { code, detail } = error as Error & { readonly code?: unknown; readonly detail?: unknown };
  return redactFields({ type: error.name, message: error.message, code, detail, stack: error.stack, cause: error.cause }, depth);
}

import { isIP } from 'node:net';

/** An address range; both families are written in 16 bytes, IPv4 as `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2). */
interface Range {
  readonly bytes: Uint8Array;
  /** How many leading bits of `bytes` count. */
  readonly bits: number;
}

/** Whether a text is a CIDR range or a single address, v4 or v6, without zone. */
export function isCidr(text: string): boolean {
  return parseCidr(text) !== null;
}

/** Of lists that can't change any more, and so as long as whoever holds the list does. */
const parsedLists = new WeakMap<readonly string[], readonly Range[]>();

/**
 * Whether an address lies in one of the ranges. What is no address lies in none.
 * @param ranges where the list is frozen its ranges are read once, and not at every question
 */
export function addressInRanges(address: string, ranges: readonly string[]): boolean {
  const bytes = parseAddress(address);
  return bytes !== null && rangesOf(ranges).some((range) => startsAlike(bytes, range));
}

/**
 * Whether each range lies in one of others. Two that only together hold one do not count.
 * @param ranges none at all lies in any
 */
export function rangesInRanges(ranges: readonly string[], others: readonly string[]): boolean {
  const outer = rangesOf(others);
  return ranges.every((text) => {
    const inner = parseCidr(text);
    return inner !== null && outer.some((range) => inner.bits >= range.bits && startsAlike(inner.bytes, range));
  });
}

function rangesOf(list: readonly string[]): readonly Range[] {
  const known = parsedLists.get(list);
  if (known !== undefined) return known;
  const ranges = list.map(parseCidr).filter((range) => range !== null);
  if (Object.isFrozen(list)) parsedLists.set(list, ranges);
  return ranges;
}

function parseCidr(text: string): Range | null {
  const slash = text.indexOf('/');
  const address = slash === -1 ? text : text.slice(0, slash);
  const bytes = parseAddress(address);
  if (bytes === null) return null;
  const width = isIP(address) === 4 ? 32 : 128;
  if (slash === -1) return { bytes, bits: 128 };
  const length = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(length) || Number(length) > width) return null;
  return { bytes, bits: 128 - width + Number(length) };
}

function startsAlike(address: Uint8Array, { bytes, bits }: Range): boolean {
  for (let index = 0; index * 8 < bits; index++) {
    const mask = 0xff & (0xff << Math.max(0, 8 - (bits - index * 8)));
    if (((address[index] ?? 0) & mask) !== ((bytes[index] ?? 0) & mask)) return false;
  }
  return true;
}

/** 16 bytes; null: the text is no address. */
export function parseAddress(text: string): Uint8Array | null {
  const family = isIP(text);
  if (family === 4) return mapped(ipv4Bytes(text));
  return family === 6 && !text.includes('%') ? ipv6Bytes(text) : null;
}

/** RFC 4291, section 2.5.5.2. */
function mapped(ipv4: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.fill(0xff, 10, 12);
  bytes.set(ipv4, 12);
  return bytes;
}

function ipv4Bytes(text: string): number[] {
  return text.split('.').map(Number);
}

function ipv6Bytes(text: string): Uint8Array {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted ? ipv4Bytes(dotted[2] ?? '') : [];
  const hex = dotted ? (dotted[1] ?? '').replace(/([^:]):$/, '$1') : text;
  const [front = '', back] = hex.split('::');
  const head = groups(front);
  const end = [...(back === undefined ? [] : groups(back)), ...tail];
  const filler = back === undefined ? 0 : 16 - head.length - end.length;
  return Uint8Array.from([...head, ...new Array<number>(filler).fill(0), ...end]);
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

import { type Command, InvalidArgumentError } from 'commander';
import { credits, limitFieldsOf, type LimitOptions, rateLimits, refill } from './limit-options.js';

export interface KeyOptions extends LimitOptions {
  readonly scope?: readonly string[];
  readonly product?: readonly string[];
  readonly allProducts?: true;
  readonly expiresAt?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly allowCidr?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What both a new key and a changed one can be given. */
export function withKeyOptions(command: Command): Command {
  return command
    .option('--scope <scopes...>', 'resource:action, resource:* or *')
    .option('--product <ids...>', 'products that it may be used for')
    .option('--all-products', 'it may be used for any product')
    .option('--expires-at <time>', 'as RFC 3339 has it')
    .option('--metadata <json>', 'an object of your own', jsonObject)
    .option('--allow-cidr <ranges...>', 'addresses it may be used from')
    .option('--rate-limit <limits...>', 'name=requests/seconds, e.g. per-minute=60/60', rateLimits)
    .option('--quota <credits>', 'credits that it has from now on', credits)
    .option('--refill <amount/interval>', 'with --quota: brought up to it each hour, day or month, e.g. 1000/month', refill)
    .option('--data <json>', 'further fields as the API has them; options count before it', jsonObject);
}

/** The fields of the API that were given by options; a field that was not is absent. */
export function keyFieldsOf(options: KeyOptions): Readonly<Record<string, unknown>> {
  const { scope, product, allProducts, expiresAt, metadata, allowCidr, data } = options;
  const products = allProducts ? 'all' : product;
  const fields = { scopes: scope, products, expiresAt, metadata, allowedCidrs: allowCidr, ...limitFieldsOf(options) };
  return given({ ...data, ...given(fields) });
}

/** Without what is undefined. */
export function given(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** @throws InvalidArgumentError */
export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InvalidArgumentError('Not a JSON object.');
  return { ...value };
}

/** @throws InvalidArgumentError */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Not a whole number above zero.');
  return Number(text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('Not JSON.');
  }
}

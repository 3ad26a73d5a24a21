import type { paths } from '#libs/rest-contract';
import type { Command } from 'commander';
import { given } from '../keys/key-options.js';

export interface FilterOptions {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly from?: string;
  readonly to?: string;
}

type Query = NonNullable<paths['/api/v1/audit']['get']['parameters']['query']>;

export function withFilters(command: Command): Command {
  return command
    .option('--actor <id>', 'what this person or key did')
    .option('--action <action>', 'e.g. key.revoked')
    .option('--target <id>', 'what was done to it')
    .option('--from <time>', 'not before')
    .option('--to <time>', 'before');
}

/** The filters that were given, as the API takes them; it checks them. */
export function filterQuery({ actor, action, target, from, to }: FilterOptions): Omit<Query, 'limit' | 'cursor'> {
  return given({ actor, action, target, from, to });
}

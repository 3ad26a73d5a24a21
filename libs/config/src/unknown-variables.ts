import type { Environment } from './parse.js';
import { VARIABLES } from './variables.js';

/** Names that the apps don't read, and others do: the command, the containers, and services that are told of events. */
const READ_ELSEWHERE: ReadonlySet<string> = new Set([
  'MINTMARK_ADMIN_URL',
  'MINTMARK_MANAGEMENT_KEY',
  'MINTMARK_DATABASE_PASSWORD',
  'MINTMARK_WEBHOOK_SECRET',
]);
const OF_TESTS = 'MINTMARK_TEST_';

/** What Kubernetes puts into every container of each service beside it, such as one that is called `mintmark`. */
const SERVICE_LINK = /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_/;
const LINK_ADDRESS = /^(tcp|udp|sctp):\/\//;

/** Variables that look like settings and are none, such as misspelt ones: whoever set them is to know that they do nothing. */
export function unknownVariables(environment: Environment): readonly string[] {
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith('MINTMARK_') && !isKnown(name) && !isServiceLink(name, value ?? ''))
    .map(([name]) => name)
    .sort();
}

function isKnown(name: string): boolean {
  return Object.hasOwn(VARIABLES, name) || READ_ELSEWHERE.has(name) || name.startsWith(OF_TESTS);
}

function isServiceLink(name: string, value: string): boolean {
  return SERVICE_LINK.test(name) || LINK_ADDRESS.test(value);
}

import { isIPv4 } from 'node:net';
import { Failure } from '../ending/failure.js';

export const DEFAULT_ADDRESS = 'http://127.0.0.1:3000';

/**
 * The address of an admin, without a slash at its end.
 * @param from what gave it, for the message
 * @throws Failure where it is none, or where secrets would cross a network in plain text
 */
export function adminAddress(text: string, from: string, { allowInsecure }: { readonly allowInsecure: boolean }): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '')
    throw Failure.usage(`${from} takes the address of an admin, e.g. https://keys.example.com`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowInsecure)
    throw Failure.usage(`${url.origin} is plain text over a network: use https, or --allow-insecure`);
  return url.href.replace(/\/+$/, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

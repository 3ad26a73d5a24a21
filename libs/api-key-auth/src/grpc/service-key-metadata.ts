import { Metadata } from '@grpc/grpc-js';
import { isPlausibleToken } from '#libs/key-domain';
import { ApiKeyOptionsError } from '../options-error.js';
import type { ServiceKey } from '../options.js';
import { VerifierFailure } from '../verifier/verifier-transport.js';

/** @throws ApiKeyOptionsError when it can be no key */
export function usableServiceKey(serviceKey: ServiceKey | undefined): ServiceKey {
  if (serviceKey === undefined || serviceKey === '') throw new ApiKeyOptionsError('serviceKey is not set');
  if (typeof serviceKey === 'string' && !isPlausibleToken(serviceKey)) throw new ApiKeyOptionsError('serviceKey is no key');
  return serviceKey;
}

/**
 * Does something with the service key in its metadata. A key that was read and is not accepted is read once more: it
 * may have been rotated in between.
 * @throws VerifierFailure
 */
export async function authorized<Answer>(serviceKey: ServiceKey, ask: (metadata: Metadata) => Promise<Answer>): Promise<Answer> {
  const key = await read(serviceKey);
  try {
    return await ask(metadataOf(key));
  } catch (failure) {
    if (!(failure instanceof VerifierFailure) || failure.kind !== 'unauthenticated') throw failure;
    const again = await read(serviceKey);
    if (again === key) throw failure;
    return ask(metadataOf(again));
  }
}

function metadataOf(key: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${key}`);
  return metadata;
}

async function read(serviceKey: ServiceKey): Promise<string> {
  if (typeof serviceKey === 'string') return serviceKey;
  try {
    const key = await serviceKey();
    if (isPlausibleToken(key)) return key;
  } catch (cause) {
    throw new VerifierFailure('unasked', 'the service key could not be read', cause);
  }
  throw new VerifierFailure('unasked', 'what was read as the service key has not the form of a key');
}

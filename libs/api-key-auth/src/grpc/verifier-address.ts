import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { addressInRanges } from '#libs/key-domain';
import { ApiKeyOptionsError } from '../options-error.js';

/** A verifier as a gRPC channel reaches it. */
export interface VerifierAddress {
  /** `host:port`, an IPv6 address in brackets. */
  readonly target: string;
  readonly credentials: ChannelCredentials;
  readonly loopback: boolean;
}

const LOOPBACK = ['127.0.0.0/8', '::1'];

/**
 * Reads `verifierUrl`: URLs in a list or separated by commas.
 * @throws ApiKeyOptionsError when one can't be used, or would send the service key in plain text over a network
 */
export function verifierAddresses(
  verifierUrl: string | readonly string[],
  allowInsecure: boolean,
): readonly [VerifierAddress, ...VerifierAddress[]] {
  const urls = [verifierUrl].flat().flatMap((text) => text.split(','));
  const [first, ...others] = urls.map((url) => verifierAddress(url.trim(), allowInsecure));
  if (first === undefined) throw unusable('');
  return [first, ...others];
}

function verifierAddress(url: string, allowInsecure: boolean): VerifierAddress {
  const { protocol, hostname, port, pathname, search, username, password } = parse(url);
  const secure = protocol === 'https:';
  if (!secure && protocol !== 'http:') throw unusable(url);
  if (pathname !== '/' || search !== '' || username !== '' || password !== '') throw unusable(url);
  const loopback = hostname === 'localhost' || addressInRanges(hostname.replace(/^\[|\]$/g, ''), LOOPBACK);
  if (!secure && !loopback && !allowInsecure) {
    throw new ApiKeyOptionsError(
      `verifierUrl ${url} would send the service key in plain text: use https://, or set allowInsecure`,
    );
  }
  return {
    target: `${hostname}:${port === '' ? (secure ? '443' : '80') : port}`,
    credentials: secure ? credentials.createSsl() : credentials.createInsecure(),
    loopback,
  };
}

function parse(url: string): URL {
  if (!URL.canParse(url)) throw unusable(url);
  return new URL(url);
}

function unusable(url: string): ApiKeyOptionsError {
  return new ApiKeyOptionsError(
    `verifierUrl ${JSON.stringify(url)} can't be used: it takes http://host:port or https://host:port`,
  );
}

import type { ClientOptions } from '@grpc/grpc-js';
import { TokenVerifierServiceClient } from '#libs/contract';
import type { VerifierAddress } from './verifier-address.js';

/** Times in milliseconds: a verifier that is back is found within a second, one that fell silent within twelve. */
const CHANNEL: ClientOptions = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 2_000,
  'grpc.service_config_disable_resolution': 1,
};

/** Prepares a channel; the connection is made at the first call, and again whenever it is lost. */
export function connect({ target, credentials, loopback }: VerifierAddress): TokenVerifierServiceClient {
  const options = { ...CHANNEL, 'grpc.enable_http_proxy': loopback ? 0 : 1 };
  return new TokenVerifierServiceClient(target, credentials, options);
}

import { createHmac } from 'node:crypto';

/** What is signed, as the Standard Webhooks specification 1.0.0 (Signature scheme) has it. */
export interface SignedMessage {
  /** Holds no full stop. */
  readonly id: string;
  /** Of the attempt, in seconds since the Unix epoch. */
  readonly timestamp: number;
  readonly body: string;
}

/** The header `webhook-signature`: one signature for each secret, the current one's first. */
export function webhookSignature({ id, timestamp, body }: SignedMessage, secrets: readonly Uint8Array[]): string {
  const signed = `${id}.${timestamp}.${body}`;
  return secrets.map((secret) => `v1,${createHmac('sha256', secret).update(signed, 'utf8').digest('base64')}`).join(' ');
}

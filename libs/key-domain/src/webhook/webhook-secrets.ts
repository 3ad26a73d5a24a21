import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { PepperRing } from '../digest/pepper-ring.js';

const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D, section 8.2.2: random nonces of 96 bits. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The specification takes 24 to 64. */
const SECRET_BYTES = 32;

/** A signing secret as it is stored: useless without the pepper it is sealed under. */
export interface SealedSecret {
  readonly pepperId: string;
  /** Nonce, ciphertext, tag. */
  readonly sealed: Buffer;
}

export interface NewWebhookSecret {
  /** As its holder takes it: `whsec_` and base64. */
  readonly text: string;
  readonly stored: SealedSecret;
}

/**
 * The secrets by which webhooks are signed. Unlike a token such a secret has to be read again, so that a digest will not do:
 * it is encrypted under a key that is derived from the current pepper, and bound to its webhook.
 */
export class WebhookSecrets {
  constructor(private readonly peppers: PepperRing) {}

  make(webhookId: string): NewWebhookSecret {
    const secret = randomBytes(SECRET_BYTES);
    return { text: `whsec_${secret.toString('base64')}`, stored: this.#seal(webhookId, secret) };
  }

  /** @throws Error where it was sealed under a pepper that is not there, for another webhook, or altered since */
  open(webhookId: string, { pepperId, sealed }: SealedSecret): Buffer {
    const key = this.peppers.deriveUnder(pepperId, PURPOSE);
    if (key === null) throw new Error(`a webhook's secret is sealed under the pepper ${pepperId}, which is not there`);
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(webhookId));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  }

  #seal(webhookId: string, secret: Buffer): SealedSecret {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.peppers.derive(PURPOSE), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(webhookId));
    const sealed = Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
    return { pepperId: this.peppers.current.id, sealed };
  }
}

const PURPOSE = 'webhook secrets';

import { z } from 'zod';
import { type Delivery, MAX_WEBHOOKS, TEST_EVENT, type Webhook, WEBHOOK_EVENTS } from '#libs/key-domain';
import { MAX_SECRET_GRACE_SECONDS } from '#libs/lifecycle';
import { listSchema } from '../http/paging.js';
import { text } from '../http/text.js';

const MAX_URL_LENGTH = 2048;

const url = text(1, MAX_URL_LENGTH).describe('http:// or https://, to a public address.');
const events = z.array(z.enum(WEBHOOK_EVENTS, { error: 'No event that there is.' })).min(1, { error: 'At least one event.' });
const description = text(0, 500).nullable();

/** The body of `POST /webhooks`. */
export const addWebhookBody = z
  .strictObject({
    url,
    events: events.optional().describe('All of them if absent.'),
    description: description.optional(),
  })
  .meta({ id: 'AddWebhook', description: `An account has ${MAX_WEBHOOKS} at most.` });
export type AddWebhookBody = z.output<typeof addWebhookBody>;

/** The body of `PATCH /webhooks/{id}`: what is absent stays. */
export const changeWebhookBody = z
  .strictObject({
    url,
    events,
    description,
    enabled: z.boolean().describe('False: it is told of nothing, and what was on its way is given up.'),
  })
  .partial()
  .meta({ id: 'ChangeWebhook' });
export type ChangeWebhookBody = z.output<typeof changeWebhookBody>;

/** The body of `POST /webhooks/{id}/rotate-secret`. */
export const rotateSecretBody = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(MAX_SECRET_GRACE_SECONDS)
      .describe('For how long deliveries are signed with the former secret too.'),
  })
  .meta({ id: 'RotateWebhookSecret' });
export type RotateSecretBody = z.output<typeof rotateSecretBody>;

const time = z.iso.datetime();

export const webhookAnswer = z
  .strictObject({
    id: z.string(),
    url: z.string(),
    events: z.array(z.enum(WEBHOOK_EVENTS)),
    description: z.string().nullable(),
    enabled: z.boolean(),
    disabledReason: z
      .enum(['gone', 'failing'])
      .nullable()
      .describe('Why it was switched off by itself: it answered 410, or nothing arrived there for days.'),
    createdAt: time,
    formerSecretEndsAt: time.nullable(),
  })
  .meta({ id: 'Webhook' });
export const webhookList = listSchema(webhookAnswer).meta({ id: 'WebhookList' });

export const webhookSecretAnswer = z
  .strictObject({ secret: z.string().describe('whsec_ and base64. It is shown this once.'), webhook: webhookAnswer })
  .meta({ id: 'WebhookSecret' });

const attemptAnswer = z
  .strictObject({
    number: z.int(),
    at: time,
    durationMs: z.int(),
    statusCode: z.int().nullable(),
    error: z.string().nullable().describe('Why no answer came.'),
    response: z.string().nullable().describe('What the answer began with.'),
  })
  .meta({ id: 'WebhookAttempt' });

export const deliveryAnswer = z
  .strictObject({
    id: z.string().describe('The header webhook-id.'),
    type: z.enum([...WEBHOOK_EVENTS, TEST_EVENT]),
    occurredAt: time,
    status: z.enum(['pending', 'delivered', 'failed']),
    nextAttemptAt: time.nullable(),
    attempts: z.array(attemptAnswer),
  })
  .meta({ id: 'WebhookDelivery' });
export const deliveryList = listSchema(deliveryAnswer).meta({ id: 'WebhookDeliveryList' });

/** A webhook as the API shows it. */
export function webhookView({ accountId: _, ...webhook }: Webhook) {
  return webhook;
}

/** A delivery as the API shows it. */
export function deliveryView(delivery: Delivery): Delivery {
  return delivery;
}

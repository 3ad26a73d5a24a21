import type { Delivery, DeliveryStatus } from '#libs/key-domain';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, OneToMany, PrimaryColumn, type Relation } from 'typeorm';
import { ID } from './columns.js';
import type { WebhookAttemptEntity } from './webhook-attempt.entity.js';
import { WebhookEntity } from './webhook.entity.js';

/** An event on its way to a webhook. While somebody attempts it, its next attempt is when their lease ends. */
@Entity('webhook_deliveries')
@Check('webhook_deliveries_status_check', `status IN ('pending', 'delivered', 'failed')`)
@Check('webhook_deliveries_next_attempt_at_check', `(status = 'pending') = (next_attempt_at IS NOT NULL)`)
@Index(['webhookId', 'nextAttemptAt'], { where: 'next_attempt_at IS NOT NULL' })
@Index(['occurredAt'])
export class WebhookDeliveryEntity {
  @PrimaryColumn(ID)
  webhookId!: string;

  @PrimaryColumn(ID)
  eventId!: string;

  @Column(ID)
  type!: Delivery['type'];

  @Column('timestamptz')
  occurredAt!: Date;

  @Column('jsonb')
  data!: object;

  @Column('text', { default: 'pending' })
  status!: DeliveryStatus;

  /** How many were begun. */
  @Column('integer', { default: 0 })
  attempts!: number;

  /** How many of its schedule failed. */
  @Column('integer', { default: 0 })
  failures!: number;

  @Column({ type: 'timestamptz', nullable: true, default: () => 'clock_timestamp()' })
  nextAttemptAt!: Date | null;

  @ManyToOne(() => WebhookEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'webhook_id' })
  webhook!: Relation<WebhookEntity>;

  @OneToMany('WebhookAttemptEntity', 'delivery')
  log!: Relation<WebhookAttemptEntity>[];
}

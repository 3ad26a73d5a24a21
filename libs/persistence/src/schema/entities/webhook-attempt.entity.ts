import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { ID, TEXT_OR_NULL, WRITTEN_AT } from './columns.js';
import { WebhookDeliveryEntity } from './webhook-delivery.entity.js';

/** What became of one request to a webhook. */
@Entity('webhook_attempts')
export class WebhookAttemptEntity {
  @PrimaryColumn(ID)
  webhookId!: string;

  @PrimaryColumn(ID)
  eventId!: string;

  @PrimaryColumn('integer')
  number!: number;

  @Column(WRITTEN_AT)
  at!: Date;

  @Column('integer')
  durationMs!: number;

  @Column('integer', { nullable: true })
  statusCode!: number | null;

  @Column(TEXT_OR_NULL)
  error!: string | null;

  @Column(TEXT_OR_NULL)
  response!: string | null;

  @ManyToOne(() => WebhookDeliveryEntity, (delivery) => delivery.log, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'webhook_id', referencedColumnName: 'webhookId' },
    { name: 'event_id', referencedColumnName: 'eventId' },
  ])
  delivery!: Relation<WebhookDeliveryEntity>;
}

import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { ID } from './columns.js';
import { KeyEntity } from './key.entity.js';

/** That an account was told of something about a key when its time had come. */
@Entity('key_notices')
@Check('key_notices_kind_check', `kind IN ('expires_in_7_days', 'expires_in_1_day', 'rotation_due')`)
export class KeyNoticeEntity {
  @PrimaryColumn(ID)
  keyId!: string;

  @PrimaryColumn(ID)
  kind!: 'expires_in_7_days' | 'expires_in_1_day' | 'rotation_due';

  /** What was told last was of this expiry, or of the secret that was made then: of another one it is told anew. */
  @Column('timestamptz')
  moment!: Date;

  @ManyToOne(() => KeyEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'key_id' })
  key!: Relation<KeyEntity>;
}

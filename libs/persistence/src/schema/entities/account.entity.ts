import type { AllowedScopes } from '#libs/key-domain';
import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { ID, WRITTEN_AT } from './columns.js';

/** A customer: owns keys, people and everything that keys can be given. */
@Entity('accounts')
@Check('accounts_status_check', `status IN ('active', 'suspended')`)
@Check('accounts_max_lifetime_days_check', 'max_lifetime_days > 0')
@Check('accounts_rotation_days_check', 'rotation_days > 0')
@Check('accounts_allowed_scopes_by_role_check', `jsonb_typeof(allowed_scopes_by_role) = 'object'`)
@ForeignKey('KeyFormatEntity', ['id', 'defaultFormat'], ['accountId', 'name'], { deferrable: 'INITIALLY DEFERRED' })
export class AccountEntity {
  @PrimaryColumn(ID)
  id!: string;

  @Column('text')
  name!: string;

  @Column('text', { default: 'active' })
  status!: 'active' | 'suspended';

  /** One of the account's own formats; checked at the commit, since an account and its formats are made together. */
  @Column(ID)
  defaultFormat!: string;

  @Column(WRITTEN_AT)
  createdAt!: Date;

  @Column('integer', { nullable: true })
  maxLifetimeDays!: number | null;

  @Column('boolean', { default: false })
  expiryRequired!: boolean;

  @Column('boolean', { default: false })
  cidrRequired!: boolean;

  @Column('integer', { nullable: true, default: 90 })
  rotationDays!: number | null;

  /** Goes up with every change of the policy, and whatever leaves the catalogue. */
  @Column('integer', { default: 1 })
  offerVersion!: number;

  /** Who is absent may grant any scope. */
  @Column('jsonb', { default: {} })
  allowedScopesByRole!: Partial<AllowedScopes>;
}

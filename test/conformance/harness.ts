import type {
  AccountStore,
  AuditLog,
  CatalogueStore,
  ChangeLogChoice,
  ChangeOutbox,
  IdempotencyStore,
  IdentityStore,
  InstallationStore,
  InvitationStore,
  KeyImportStore,
  KeyNotices,
  KeyStore,
  LimitLedger,
  LoginThrottle,
  MemberStore,
  PeopleStore,
  QuotaNotices,
  Role,
  SecretLookup,
  SecretUpkeep,
  TokenRulesSource,
  UsageStore,
  WebhookOutbox,
  WebhookStore,
} from '#libs/key-domain';

/** The storage ports of one installation, on one kind of store. */
export interface StoragePorts {
  readonly accounts: AccountStore;
  readonly audit: AuditLog;
  readonly catalogue: CatalogueStore;
  readonly idempotency: IdempotencyStore;
  readonly identities: IdentityStore;
  readonly installation: InstallationStore;
  readonly invitations: InvitationStore;
  readonly imports: KeyImportStore;
  readonly keys: KeyStore;
  readonly ledger: LimitLedger;
  readonly logChoice: ChangeLogChoice;
  readonly lookup: SecretLookup;
  readonly members: MemberStore;
  readonly notices: KeyNotices;
  readonly outbox: ChangeOutbox;
  readonly people: PeopleStore;
  readonly quotaNotices: QuotaNotices;
  readonly rules: TokenRulesSource;
  readonly throttle: LoginThrottle;
  readonly upkeep: SecretUpkeep;
  readonly usage: UsageStore;
  readonly webhookOutbox: WebhookOutbox;
  readonly webhooks: WebhookStore;
}

/** What a store brings so that the contracts of the ports can be tried on it: the ports, and what no port does yet. */
export interface StorageHarness extends StoragePorts {
  /** A new account with the starting formats, of which `default` is its default; its id. */
  account(): Promise<string>;
  suspend(accountId: string): Promise<void>;
  /** A new person in these accounts, the first one first. */
  person(person: { readonly email: string; readonly passwordHash: string }, memberships: readonly Membership[]): Promise<string>;
  /** Has secrets of an account become due after so many days; null: never. */
  rotateAfter(accountId: string, days: number | null): Promise<void>;
  disable(keyId: string): Promise<void>;
  /** Has the credits of a key counted so many hours earlier. */
  countedEarlier(keyId: string, hours: number): Promise<void>;
  /** Gives a key so many credits, as an administrator does. */
  setCredits(keyId: string, credits: number): Promise<void>;
  /** Has a session opened so many seconds earlier. */
  openedEarlier(sessionId: string, seconds: number): Promise<void>;
  /** Deletes all webhooks there are, with what is on its way to them. */
  forgetWebhooks(): Promise<void>;
  /** Whatever rounds of notices there were are so many hours longer ago, and the next ones are due. */
  passRounds(hours: number): Promise<void>;
  /** Has a key, and its newest secret, made at another time. */
  backdate(keyId: string, made: { readonly key: Date; readonly newestSecret: Date }): Promise<void>;
  /** Many keys of an account at once, that differ in nothing but their ids. */
  manyKeys(accountId: string, count: number): Promise<void>;
  /** Gives a secret an end, as a rotation does with the one before. */
  endSecret(secretId: string, endsAt: Date): Promise<void>;
  /** Another secret of a key, as a rotation or an import makes it. */
  addSecret(secret: ExtraSecret): Promise<void>;
  /** Changes of everything, as an operator notes them. */
  noteChanges(count: number): Promise<void>;
  /** The places of all changes that the journal holds, ascending. */
  places(): Promise<readonly number[]>;
  /** Makes the records of an account's idempotent requests so many seconds older. */
  passTime(accountId: string, seconds: number): Promise<void>;
  idempotencyRecords(accountId: string): Promise<number>;
  revokeSecret(secretId: string): Promise<void>;
  /** The ports of another installation, which is not set up and knows no pepper. */
  empty(): Promise<StoragePorts>;
  close(): Promise<void>;
}

export interface Membership {
  readonly accountId: string;
  readonly role: Role;
}

export interface ExtraSecret {
  readonly id: string;
  readonly accountId: string;
  readonly keyId: string;
  readonly digest: Buffer;
  readonly pepperId: string;
  readonly endsAt: Date | null;
  readonly imported: boolean;
}

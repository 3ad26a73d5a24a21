import type { ChangeScope, TokenRules } from '#libs/key-domain';

/** What a verifier tells a guard, in the order in which it holds. */
export type GuardMessage =
  | { readonly kind: 'opened'; readonly sessionId: string; readonly accountId: string }
  /** The lease counts from before the guard asked for it. Both are milliseconds, `storeMs` since the Unix epoch. */
  | { readonly kind: 'renewed'; readonly renewal: number; readonly leaseMs: number; readonly storeMs: number }
  | { readonly kind: 'change'; readonly sequence: number; readonly scope: ChangeScope }
  | { readonly kind: 'rules'; readonly rules: TokenRules }
  | { readonly kind: 'ended'; readonly sequence: number; readonly reason: string };

/** The way to one guard. It keeps the order of what is sent. */
export interface GuardChannel {
  /** Never throws: what can't be sent any more is lost, and the loss is told by {@link GuardSession.break}. */
  send(message: GuardMessage): void;
  /** What was sent and has not left yet, in bytes. */
  backlog(): number;
  /** The session is over: nothing is sent or expected any more. */
  close(): void;
}

/** The caller does not wait for an answer any more: it has cancelled the call, or its deadline has passed. */
export class CallEndedError extends Error {
  override readonly name = 'CallEndedError';

  constructor(readonly reason: 'cancelled' | 'deadline exceeded') {
    super(`the call has ended: ${reason}`);
  }
}

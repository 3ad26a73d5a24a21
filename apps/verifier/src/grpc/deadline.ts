import type { Deadline } from '@grpc/grpc-js';

/** Whether a call's deadline has passed; one without a deadline never has. */
export function hasPassed(deadline: Deadline): boolean {
  return Number(deadline) <= Date.now();
}

/** What is wrong with one field of what was sent. */
export interface Fault {
  /** As the API names the field: `scopes.2`. */
  readonly path: string;
  readonly message: string;
}

interface Envelope {
  readonly error?: { readonly code?: string; readonly message?: string; readonly details?: { readonly reason?: unknown } };
}

/** The admin did not do what it was asked for, or could not be asked. Its message is for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  private constructor(
    /** 0: there was no answer. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly faults: readonly Fault[],
    cause?: unknown,
  ) {
    super(message, { cause });
  }

  static of(status: number, body: unknown): Refusal {
    const { code = 'unknown', message, details } = (body as Envelope | undefined)?.error ?? {};
    const faults = Array.isArray(details?.reason) ? (details.reason as Fault[]) : [];
    return new Refusal(status, code, message ?? `Mintmark answered with ${String(status)}. Try again.`, faults);
  }

  static unreachable(cause: unknown): Refusal {
    return new Refusal(0, 'unreachable', 'Mintmark could not be reached. Is it still running? Try again.', [], cause);
  }

  /** What is said of a field, or of anything within it. */
  faultOf(field: string): string | null {
    return this.faults.find(({ path }) => path === field || path.startsWith(`${field}.`))?.message ?? null;
  }
}

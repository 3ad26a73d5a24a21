import type { VerifierTransport, WatchHandlers } from '#libs/api-key-auth';
import type { Mutation } from '../mutation.js';

/** Guards are told, and nobody waits until they have heard. */
export function guardsNotAwaited(): Mutation {
  return {
    sessions: (sessions) => ({
      unconfirmed: () => [],
      isSilent: () => sessions.isSilent(),
      staleGuards: () => sessions.staleGuards(),
      onConfirmed: (listener) => {
        sessions.onConfirmed(listener);
      },
    }),
  };
}

/** Whoever's stream broke is waited for no more, although the lease that it was handed runs. */
export function brokenGuardForgotten(): Mutation {
  return {
    faults: ['cut off'],
    call: (call) =>
      call.prependListener('cancelled', () => {
        call.receive({ message: { $case: 'leave', value: {} } });
      }),
  };
}

/** A guard acknowledges what it is told and applies it a little later. */
export function acknowledgedFirst(): Mutation {
  const LATER_MS = 20;
  return {
    transport: (transport, guard) =>
      transportOver(transport, (handlers, send) => ({
        ended: (failure) => {
          handlers.ended(failure);
        },
        message: (told) => {
          if (told.message?.$case !== 'change') {
            handlers.message(told);
            return;
          }
          send(told.message.value.sequence);
          guard.after(LATER_MS, () => {
            handlers.message(told);
          });
        },
      })),
  };
}

/**
 * A guard keeps whatever is answered, granted or not: an answer of a verifier that does not know the session any more, or
 * whose memory has changed since, lands under a lease that does not vouch for it.
 */
export function keptUngranted(): Mutation {
  return {
    transport: (transport) => ({
      ...bound(transport),
      verifyTokens: async (...question) => {
        const responses = await transport.verifyTokens(...question);
        return responses.map((response) => ({ ...response, cacheTtl: { seconds: 60, nanos: 0 } }));
      },
    }),
  };
}

/** What verifier 2 answers is kept under the session with verifier 1. */
export function filledUnderAnother(): Mutation {
  const asked = new WeakMap<object, VerifierTransport[]>();
  return {
    transport: (transport, guard) => {
      const all = asked.get(guard) ?? [];
      asked.set(guard, [...all, transport]);
      return {
        ...bound(transport),
        verifyTokens: async (requests, sessionId, timeoutMs) => {
          const others = (asked.get(guard) ?? []).filter((one) => one !== transport);
          const another = others[0] ?? transport;
          const responses = await another.verifyTokens(requests, '', timeoutMs);
          return sessionId === ''
            ? responses
            : responses.map((response) => ({ ...response, cacheTtl: { seconds: 60, nanos: 0 } }));
        },
      };
    },
  };
}

function bound(transport: VerifierTransport): VerifierTransport {
  return {
    verifyTokens: (...question) => transport.verifyTokens(...question),
    probe: (timeoutMs) => transport.probe(timeoutMs),
    watch: (handlers) => transport.watch(handlers),
    reportUsage: (report) => transport.reportUsage(report),
  };
}

/** @param handle makes the handlers that are used of those that are given, and a way to acknowledge */
function transportOver(
  transport: VerifierTransport,
  handle: (handlers: WatchHandlers, acknowledge: (sequence: number) => void) => WatchHandlers,
): VerifierTransport {
  return {
    ...bound(transport),
    watch: (handlers) => {
      const stream = transport.watch(
        handle(handlers, (sequence) => {
          stream.send({ message: { $case: 'acknowledge', value: { sequence } } });
        }),
      );
      return stream;
    },
  };
}

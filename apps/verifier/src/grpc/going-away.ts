import type { Server } from '@grpc/grpc-js';
import { constants } from 'node:http2';

/** All of an HTTP/2 session that is needed here. */
interface Session {
  readonly closed: boolean;
  readonly destroyed: boolean;
  goaway(code: number, lastStreamId: number): void;
}

/** "Every call that reaches me is served, but open no more": the first of the two GOAWAYs of RFC 9113, section 6.8. */
const EVERY_STREAM = 2 ** 31 - 1;

/**
 * Asks the clients of a server to open no more calls on the connections that they have. grpc-js itself sends only
 * the final GOAWAY, and closes an idle connection with it: a call that was on its way then fails.
 * @returns how many were asked
 */
export function askClientsToLeave(server: Server): number {
  const sessions = sessionsOf(server).filter(({ closed, destroyed }) => !closed && !destroyed);
  for (const session of sessions) session.goaway(constants.NGHTTP2_NO_ERROR, EVERY_STREAM);
  return sessions.length;
}

/** grpc-js keeps them for itself; where they can't be seen, nobody is asked. */
function sessionsOf(server: Server): Session[] {
  const listeners: unknown = Reflect.get(server, 'http2Servers');
  return listeners instanceof Map ? [...listeners.values()].flatMap(sessionsOfListener) : [];
}

function sessionsOfListener(listener: unknown): Session[] {
  if (typeof listener !== 'object' || listener === null || !('sessions' in listener)) return [];
  return listener.sessions instanceof Set ? [...listener.sessions].filter(isSession) : [];
}

function isSession(value: unknown): value is Session {
  return typeof value === 'object' && value !== null && 'goaway' in value && typeof value.goaway === 'function';
}

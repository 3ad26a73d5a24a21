import { type DestinationStream, destination, pino } from 'pino';
import { redact } from './redact.js';
import { scrub } from './scrub.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a line tells beside its message; an error stands under `err`. Fields that may hold a secret are blanked. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** Writes a line: a message, or facts and a message. */
export interface WriteLine {
  (message: string): void;
  (facts: LogFacts, message: string): void;
}

/** What a process tells its operator. */
export type Log = Readonly<Record<LogLevel, WriteLine>>;

export const Log = Symbol('Log');

const STANDARD_ERROR = 2;

/**
 * A log of JSON lines on standard error, from `info` on. What could be a secret is blanked, by the name of its
 * field and by its look.
 * @param app who speaks
 */
export function createLog(app: string, stream: DestinationStream = destination({ fd: STANDARD_ERROR, sync: true })): Log {
  const lines = pino(
    {
      base: { app },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      messageKey: 'message',
      serializers: { err: (err: unknown) => err },
    },
    stream,
  );
  const writer = (level: LogLevel): WriteLine => {
    return (first: LogFacts | string, message?: string) => {
      if (!lines.isLevelEnabled(level)) return;
      if (typeof first === 'string') lines[level](scrub(first));
      else lines[level](redact(first), message === undefined ? undefined : scrub(message));
    };
  };
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}

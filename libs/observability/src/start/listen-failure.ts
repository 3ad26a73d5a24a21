import { types } from 'node:util';
import { StartError } from './start-error.js';

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** The variable that names the port. */
  readonly variable: string;
}

/** What to tell of a failure to listen: which port, why and what to do; any other failure as it is. */
export function listenFailure(error: unknown, { host, port, variable }: Listening): unknown {
  const text = types.isNativeError(error) ? `${String((error as NodeJS.ErrnoException).code)} ${error.message}` : '';
  if (text.includes('EADDRINUSE')) {
    return new StartError(`port ${port} is taken: stop what listens there, or set ${variable} to another port (0: any free one)`);
  }
  if (text.includes('EACCES')) {
    return new StartError(`port ${port} needs rights that this user lacks: set ${variable} to a port from 1024 on`);
  }
  if (text.includes('EADDRNOTAVAIL') || text.includes('ENOTFOUND')) {
    return new StartError(`this machine has no address ${host}: set MINTMARK_HOST to one that it has`);
  }
  return error;
}

/** Where a client on this machine reaches what listens on `host`. */
export function surfaceUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

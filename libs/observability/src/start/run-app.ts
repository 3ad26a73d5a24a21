import { createLog } from '../log/log.js';
import { scrub } from '../log/scrub.js';
import { StartError } from './start-error.js';

/** Something a process serves, and where. */
export interface Surface {
  readonly name: 'admin' | 'verifier-grpc' | 'verifier-http' | 'example' | 'setup';
  readonly url: string;
}

export interface RunningApp {
  readonly surfaces: readonly Surface[];
  /** Finishes what was begun, then lets go of every port, connection and child process. */
  close(): Promise<void>;
}

/** The first signal lets the app finish; a second one, or this many milliseconds, ends it at once. */
const CLOSE_LIMIT_MS = 4500;

/** npm hands on to this process the Ctrl-C that it got from the terminal itself: two signals this close, in milliseconds, are one. */
const ONE_SIGNAL_MS = 500;

/**
 * Runs an app until SIGTERM or SIGINT. Prints one line `<surface> <url>` on standard output for each surface
 * when it is ready; everything else a process has to say goes to standard error. Exits 0 after a clean close,
 * 1 when the start or the close failed.
 * @param name as it stands in the log
 * @param ignored variables that look like settings and are none
 */
export async function runApp(name: string, start: () => Promise<RunningApp>, ignored: readonly string[]): Promise<void> {
  const log = createLog(name);
  const [stopping, told] = [firstSignal(), new AbortController()];
  void stopping.then((signal) => {
    log.info({ signal }, 'stopping');
    told.abort();
    endInTime();
  });
  for (const variable of ignored) log.warn({ variable }, 'this variable is no setting of Mintmark, and is ignored');
  let app: RunningApp;
  try {
    app = await start();
  } catch (error) {
    process.stderr.write(`${startFailure(error)}\n`);
    process.exit(1);
  }
  if (!told.signal.aborted) for (const surface of app.surfaces) process.stdout.write(`${surface.name} ${surface.url}\n`);
  await stopping;
  await close(app);
}

function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | null = null;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        const now = performance.now();
        first ??= now;
        if (now - first > ONE_SIGNAL_MS) process.exit(1);
        resolve(signal);
      });
    }
  });
}

/** Counts from the signal on, so that an app whose start hangs ends in time too. */
function endInTime(): void {
  setTimeout(() => {
    process.stderr.write(`not closed within ${CLOSE_LIMIT_MS} ms, ending at once\n`);
    process.exit(1);
  }, CLOSE_LIMIT_MS).unref();
}

async function close(app: RunningApp): Promise<never> {
  try {
    await app.close();
  } catch (error) {
    process.stderr.write(`${startFailure(error)}\n`);
    process.exit(1);
  }
  process.exit(0);
}

function startFailure(error: unknown): string {
  if (error instanceof StartError || (error instanceof Error && error.name === 'ConfigError')) return error.message;
  return scrub(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

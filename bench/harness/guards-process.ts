import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What all guards said of a token. */
export interface GuardsAnswer {
  readonly codes: readonly string[];
  /** Guards that judged by what they keep. */
  readonly kept: number;
}

const END_LIMIT_MS = 3000;

/** Guards of several verifiers, in a process of their own. */
export class GuardsProcess {
  readonly #child: ChildProcess;
  #answered: (answer: GuardsAnswer) => void = () => undefined;
  readonly #ended: Promise<null>;

  constructor(verifierUrls: readonly string[], serviceKey: string) {
    this.#child = fork('dist/bench/servers/guards.js', {
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        BENCH_VERIFIERS: verifierUrls.join(','),
        BENCH_SERVICE_KEY: serviceKey,
      },
    });
    this.#child.on('message', (answer: GuardsAnswer) => {
      this.#answered(answer);
    });
    this.#ended = once(this.#child, 'exit').then(() => null);
  }

  /** Lets every guard judge a token. */
  async judge(token: string): Promise<GuardsAnswer> {
    const answered = new Promise<GuardsAnswer>((resolve) => (this.#answered = resolve));
    this.#child.send(token);
    const answer = await Promise.race([answered, this.#ended]);
    if (answer === null) throw new Error('the guards ended');
    return answer;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.disconnect();
    const tooLate = setTimeout(() => this.#child.kill('SIGKILL'), END_LIMIT_MS);
    await this.#ended;
    clearTimeout(tooLate);
  }
}

import { Presets, SingleBar } from 'cli-progress';

const FORMAT = '{bar} {percentage} % | {lines} lines, {failed} failed | {eta_formatted} left';

/** How far an import has come. */
export class Progress {
  lines = 0;
  existing = 0;
  failed = 0;
  #bytes = 0;
  readonly #bar: SingleBar | null;

  /** @param size of the file in bytes; null: nobody is shown a bar */
  constructor(size: number | null) {
    this.#bar =
      size === null ? null : new SingleBar({ format: FORMAT, etaBuffer: 1_000, clearOnComplete: true }, Presets.shades_classic);
    this.#bar?.start(size ?? 0, 0, this.#counts());
  }

  answered({ failed, existing, bytes }: { readonly failed: boolean; readonly existing: boolean; readonly bytes: number }): void {
    this.lines += 1;
    this.failed += Number(failed);
    this.existing += Number(existing);
    this.#bytes += bytes;
    this.#bar?.update(this.#bytes, this.#counts());
  }

  stop(): void {
    this.#bar?.stop();
  }

  summary(): string {
    const made = this.lines - this.failed - this.existing;
    return `${this.lines} line${this.lines === 1 ? '' : 's'}: ${made} imported, ${this.existing} there already, ${this.failed} failed.`;
  }

  #counts(): { readonly lines: number; readonly failed: number } {
    return { lines: this.lines, failed: this.failed };
  }
}

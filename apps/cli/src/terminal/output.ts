import { once } from 'node:events';
import { EXIT } from '../ending/exit-codes.js';
import { sheet, table } from './table.js';
import { visible } from './visible.js';

/** What a command says: its result on standard output and nothing else there; the rest on standard error. */
export class Output {
  /** @param json whether results are for scripts */
  constructor(readonly json: boolean) {}

  get forPeople(): boolean {
    return !this.json && process.stdout.isTTY;
  }

  /** One JSON document, or one of many, in a line. */
  document(value: unknown): Promise<void> {
    return this.write(`${JSON.stringify(value)}\n`);
  }

  rows(names: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
    return this.write(table(names, rows, this.forPeople));
  }

  fields(fields: readonly (readonly [name: string, value: string])[]): Promise<void> {
    return this.write(sheet(fields, this.forPeople));
  }

  /** Waits while the reader of standard output is slow. */
  async write(text: string): Promise<void> {
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
  }

  /** Something beside the result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}

/** Tells why the command fails, in one line. */
export function complain(message: string): void {
  process.stderr.write(`mintmark: ${visible(message)}\n`);
}

/** Whoever reads standard output may stop reading (`| head`): that is the end, and no fault. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
}

import type { RunningApp, Surface } from '#libs/observability';

/** What uses a part is closed before it: guards ask the verifier, and both apps ask the database. */
const CLOSING_ORDER = [['example', 'admin'], ['verifier'], ['database']] as const;
type PartName = (typeof CLOSING_ORDER)[number][number];

/** The parts of the process that have been started so far. */
export class RunningParts implements RunningApp {
  private readonly parts = new Map<PartName, RunningApp>();

  get surfaces(): readonly Surface[] {
    return [...this.parts.values()].flatMap(({ surfaces }) => surfaces);
  }

  async add<Part extends RunningApp>(name: PartName, starting: Promise<Part>): Promise<Part> {
    const part = await starting;
    this.parts.set(name, part);
    return part;
  }

  /** Closes every part, those after one that failed to close too. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const names of CLOSING_ORDER) {
      await Promise.all(names.map((name) => this.closePart(name).catch((error: unknown) => failures.push(error))));
    }
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures, 'parts did not close');
  }

  private async closePart(name: PartName): Promise<void> {
    await this.parts.get(name)?.close();
  }
}

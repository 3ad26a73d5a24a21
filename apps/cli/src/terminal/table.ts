import Table from 'cli-table3';
import { visible } from './visible.js';

const PLAIN = { style: { head: [], border: [] } };

/** Rows under their names for people; for pipes, fields between tabs and no names, as cut and awk take them. */
export function table(names: readonly string[], rows: readonly (readonly string[])[], forPeople: boolean): string {
  const cells = rows.map((row) => row.map(visible));
  if (!forPeople) return cells.map((row) => `${row.join('\t')}\n`).join('');
  if (cells.length === 0) return '';
  const drawn = new Table({ head: [...names], ...PLAIN });
  drawn.push(...cells);
  return `${drawn.toString()}\n`;
}

/** One thing, its fields below each other. */
export function sheet(fields: readonly (readonly [name: string, value: string])[], forPeople: boolean): string {
  if (!forPeople) return table([], fields, false);
  const drawn = new Table(PLAIN);
  drawn.push(...fields.map(([name, value]) => [name, visible(value)]));
  return `${drawn.toString()}\n`;
}

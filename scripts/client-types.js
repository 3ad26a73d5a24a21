import openapiTS, { astToString } from 'openapi-typescript';

/** Where they stand: apps know nothing of each other. */
export const CLIENT_FILES = ['apps/cli/src/client/schema.d.ts', 'apps/dashboard/src/api/schema.d.ts'];

const HEADER = '// Made of the OpenAPI document of the admin by "npm run client:generate".\n\n';

/** TypeScript that describes the paths and components of an OpenAPI document. */
export async function clientTypes(document) {
  return HEADER + astToString(await openapiTS(document, { alphabetize: true }));
}

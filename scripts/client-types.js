import openapiTS, { astToString } from 'openapi-typescript';

/** Where they stand. */
export const CLIENT_FILE = 'libs/rest-contract/src/schema.d.ts';

const HEADER = '// Made of the OpenAPI document of the admin by "npm run client:generate".\n\n';

/** TypeScript that describes the paths and components of an OpenAPI document. */
export async function clientTypes(document) {
  return HEADER + astToString(await openapiTS(document, { alphabetize: true }));
}

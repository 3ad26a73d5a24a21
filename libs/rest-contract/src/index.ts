/** What the admin's REST API takes and answers: types alone, made of its OpenAPI document. Nothing of it is there at run time. */
export type { components, paths } from './schema.js';

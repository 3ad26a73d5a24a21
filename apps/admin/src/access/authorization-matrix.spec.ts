import { describe, expect, test } from '@jest/globals';
import { ROUTES } from '../openapi/routes.fixture.js';
import { AUTHORIZATION_MATRIX } from './authorization-matrix.js';

describe('the authorization matrix', () => {
  test.each(ROUTES)('has one row for $name, which says of it what the guard goes by', ({ name, access }) => {
    const rows = AUTHORIZATION_MATRIX.filter(({ route }) => route === name);
    expect(rows.map((row) => row.access)).toEqual([access]);
  });

  test.each(AUTHORIZATION_MATRIX)('has no row without a route: $route', ({ route, on }) => {
    expect(ROUTES.map(({ name }) => name)).toContain(route);
    expect(on !== undefined).toBe(route.includes(':'));
  });
});

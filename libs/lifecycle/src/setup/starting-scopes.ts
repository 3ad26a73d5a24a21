import type { CatalogueScope } from '#libs/key-domain';

/** The scopes that the first account offers: those of the two systems whose users come to Mintmark. */
export const STARTING_SCOPES: readonly CatalogueScope[] = [
  ...group('Customer Management', {
    'customers:read': 'Read customers',
    'customers:write': 'Create and change customers',
    'customers:delete': 'Delete customers',
  }),
  ...group('License Operations', {
    'licenses:read': 'Read licenses',
    'licenses:write': 'Create and change licenses',
    'licenses:activate': 'Activate and deactivate licenses',
    'licenses:block': 'Block and unblock licenses',
  }),
  ...group('Product Access', {
    'products:all': 'Every product of the account',
    'products:specific': 'Only the products that the key lists',
  }),
  ...group('Garments', {
    'garments:read': 'Read garments',
    'garments:write': 'Create and change garments',
  }),
];

function group(name: string, scopes: Readonly<Record<string, string>>): CatalogueScope[] {
  return Object.entries(scopes).map(([scope, description]) => ({ name: scope, group: name, description }));
}

import type { CatalogueScope } from '#libs/key-domain';

/** The systems whose users come to Mintmark. */
export const TEMPLATE_NAMES = ['keymint', 'garmint'] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

const KEYMINT: readonly CatalogueScope[] = [
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
];

const GARMINT: readonly CatalogueScope[] = [
  ...group('Garments', {
    'garments:read': 'Read garments',
    'garments:write': 'Create and change garments',
  }),
];

/** The scopes of each of them, ready to be offered. */
export const SCOPE_TEMPLATES: Readonly<Record<TemplateName, readonly CatalogueScope[]>> = { keymint: KEYMINT, garmint: GARMINT };

/** The scopes that an account begins with. */
export const STARTING_SCOPES: readonly CatalogueScope[] = [...KEYMINT, ...GARMINT];

function group(name: string, scopes: Readonly<Record<string, string>>): CatalogueScope[] {
  return Object.entries(scopes).map(([scope, description]) => ({ name: scope, group: name, description }));
}

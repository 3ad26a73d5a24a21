import { z } from 'zod';
import { type Grantor, GRANTORS, MAX_SCOPE_LENGTH } from '#libs/key-domain';
import { MAX_LIFETIME_DAYS, POLICY_RULES } from '#libs/lifecycle';
import { listSchema } from '../http/paging.js';
import { keyAnswer } from '../keys/key-answers.js';
import { formatName } from './catalogue-schemas.js';

const days = z.int().min(1).max(MAX_LIFETIME_DAYS);
const patterns = z.array(z.string().max(MAX_SCOPE_LENGTH)).max(100);

/** The same rule for each capacity in which somebody grants scopes. */
function byGrantor<Rule extends z.ZodType>(rule: Rule): Record<Grantor, Rule> {
  return Object.fromEntries(GRANTORS.map((grantor) => [grantor, rule])) as Record<Grantor, Rule>;
}

const rules = {
  defaultFormat: formatName.describe('The format of keys whose creation names none.'),
  maxLifetimeDays: days.nullable().describe('The longest life of a key, from its creation; null: any, without end too.'),
  expiryRequired: z.boolean().describe('Whether every key must have an end.'),
  cidrRequired: z.boolean().describe('Whether every key must be restricted to addresses.'),
  rotationDays: days.nullable().describe('After how many days a secret is due for rotation; null: never.'),
};

export const policyAnswer = z
  .strictObject({ ...rules, allowedScopesByRole: z.strictObject(byGrantor(patterns.nullable())) })
  .meta({ id: 'Policy' });

/** The body of `PATCH /policy`: what is absent stays. */
export const changePolicyBody = z
  .strictObject({
    ...rules,
    allowedScopesByRole: z
      .strictObject(byGrantor(patterns.nullable().optional()))
      .describe(
        'Which scopes people of a role, and management keys, may put on keys: resource:action, resource:* or *; null: any. ' +
          "A scope of Mintmark's own is allowed by its name alone.",
      ),
  })
  .partial()
  .meta({ id: 'ChangePolicy' });
export type ChangePolicyBody = z.output<typeof changePolicyBody>;

const violation = z.strictObject({
  rule: z.enum(POLICY_RULES),
  path: z.string().describe('The field of the key that breaks it, e.g. scopes.2'),
  message: z.string(),
});
export const violationList = listSchema(
  z.strictObject({ key: keyAnswer, violations: z.array(violation) }).meta({ id: 'PolicyViolation' }),
).meta({ id: 'PolicyViolationList' });

import type { BodyEncoding, TokenRules, TokenRulesSource } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

const FIND_TOKEN_RULES = {
  name: 'find_token_rules',
  text: `
    SELECT account.holds_imported, f.name, f.prefix, f.environments, f.encoding
    FROM (SELECT EXISTS (SELECT FROM secrets WHERE account_id = $1 AND imported) AS holds_imported) AS account
    LEFT JOIN key_formats f ON f.account_id = $1
    ORDER BY f.name`,
};

interface FormatRow {
  readonly holds_imported: boolean;
  readonly name: string;
  readonly prefix: string;
  readonly environments: readonly string[];
  readonly encoding: BodyEncoding;
}

type RulesRow = FormatRow | { readonly holds_imported: boolean; readonly name: null };

@Injectable()
export class PostgresTokenRulesSource implements TokenRulesSource {
  constructor(private readonly database: Database) {}

  async rulesOf(accountId: string): Promise<TokenRules> {
    const rows = await this.database.prepared<RulesRow>(FIND_TOKEN_RULES, [accountId]);
    return {
      formats: rows
        .filter((row) => row.name !== null)
        .map(({ name, prefix, environments, encoding }) => ({ name, prefix, environments, encoding })),
      holdsImported: rows[0]?.holds_imported ?? false,
    };
  }
}

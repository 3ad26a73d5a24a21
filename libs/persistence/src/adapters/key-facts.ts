/** What webhooks are told of a key, whatever happened to it; a WHERE on `key` follows. */
export const KEY_FACTS = `
  SELECT jsonb_build_object(
    'name', key.name, 'ownerId', key.owner_id, 'environment', key.environment,
    'expiresAt', to_char(key.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'lastFour', (
      SELECT secret.last_four FROM secrets secret WHERE secret.key_id = key.id
      ORDER BY secret.created_at DESC, secret.id DESC LIMIT 1
    )
  ) AS told
  FROM keys key`;

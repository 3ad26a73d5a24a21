/** A time as the API shows it. */
export const shownTime = (time: string) => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** What webhooks are told of a key, whatever happened to it: of a row of `keys`, by its alias. */
export const keyFacts = (key: string) => `
  jsonb_build_object(
    'name', ${key}.name, 'ownerId', ${key}.owner_id, 'environment', ${key}.environment,
    'expiresAt', ${shownTime(`${key}.expires_at`)},
    'lastFour', (
      SELECT secret.last_four FROM secrets secret WHERE secret.key_id = ${key}.id
      ORDER BY secret.created_at DESC, secret.id DESC LIMIT 1
    )
  )`;

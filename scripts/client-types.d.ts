export const CLIENT_FILES: readonly string[];
export function clientTypes(document: object): Promise<string>;

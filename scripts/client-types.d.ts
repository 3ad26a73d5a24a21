export const CLIENT_FILE: string;
export function clientTypes(document: object): Promise<string>;

export function dropDatabase(serverUrl: string, name: string): Promise<void>;

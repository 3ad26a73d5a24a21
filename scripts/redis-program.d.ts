export function redisProgram(): string | null;
export function requireRedis(): void;

export function importCircles(root: string): string[][];

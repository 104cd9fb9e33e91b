/** A number with its English noun: 1 passage, 2 passages. */
export const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

const zero = 48;

/** The number whose digits begin here; NaN where there are none. */
export function numberAt(buffer: Buffer, start: number): number {
  let value = 0;
  let at = start;
  for (; ; at += 1) {
    const digit = (buffer[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return at === start ? Number.NaN : value;
}

export function digitsAt(buffer: Buffer, start: number): number {
  let at = start;
  for (let digit = (buffer[at] ?? 0) - zero; digit >= 0 && digit <= 9; digit = (buffer[at] ?? 0) - zero) at += 1;
  return at - start;
}

/** Whether these bytes stand there. */
export function standsAt(buffer: Buffer, at: number, bytes: Buffer): boolean {
  for (let index = 0; index < bytes.length; index += 1) if (buffer[at + index] !== bytes[index]) return false;
  return true;
}

/** A whole number as C's strtol reads it with base 0: hexadecimal after `0x`, octal after `0`; 0 where there are no digits. */
export function strtol(text: string): number {
  const digits = text.trimStart().replace(/^[+-]/, '');
  const value = /^0[xX]/.test(digits)
    ? Number.parseInt(digits, 16)
    : digits[0] === '0'
      ? Number.parseInt(digits, 8)
      : Number.parseInt(digits, 10);
  if (Number.isNaN(value)) return 0;
  return text.trimStart()[0] === '-' ? -value : value;
}

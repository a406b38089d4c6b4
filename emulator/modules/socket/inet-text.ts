/** IP addresses as text (RFC 4291, section 2.2, and dotted decimals). */

const MAX_GROUPS = 8;

/** The four bytes, or undefined. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return Uint8Array.from(parts, Number);
}

/** The sixteen bytes, or undefined. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (half: string): number[] | undefined => {
    if (half === '') return [];
    const groups: number[] = [];
    const parts = half.split(':');
    for (const [i, part] of parts.entries()) {
      const ipv4 = i === parts.length - 1 ? parseIpv4(part) : undefined;
      if (ipv4 !== undefined) groups.push((ipv4[0] << 8) | ipv4[1], (ipv4[2] << 8) | ipv4[3]);
      else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
      else return undefined;
    }
    return groups;
  };
  const head = groupsOf(halves[0]);
  const tail = halves.length === 2 ? groupsOf(halves[1]) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = MAX_GROUPS - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<number>(halves.length === 1 ? 0 : missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap(group => [group >> 8, group & 0xff]));
}

export const formatIpv4 = (bytes: Uint8Array): string => [...bytes.subarray(0, 4)].join('.');

/** The longest run of zero groups, of two or more, becomes `::`. */
export function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: MAX_GROUPS }, (_, i) => (bytes[2 * i] << 8) | bytes[2 * i + 1]);
  const zeros = (count: number) => groups.slice(0, count).every(group => group === 0);
  if (zeros(6) && groups[6] !== 0) return `::${formatIpv4(bytes.subarray(12))}`;
  if (zeros(5) && groups[5] === 0xffff) return `::ffff:${formatIpv4(bytes.subarray(12))}`;
  let best = { at: -1, length: 1 };
  for (let at = 0; at < MAX_GROUPS; at++) {
    let length = 0;
    while (groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
    at += length;
  }
  const text = (part: number[]) => part.map(group => group.toString(16)).join(':');
  if (best.at < 0) return text(groups);
  return `${text(groups.slice(0, best.at))}::${text(groups.slice(best.at + best.length))}`;
}

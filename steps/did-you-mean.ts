/** Says what exists when a name does not, nearest first. */

/** Edit distance with transpositions (optimal string alignment), letters compared without case. */
function distance(a: string, b: string): number {
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const cost = left[i - 1] === right[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + cost);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[right.length];
}

/** The known names that look like a slip of `name`, nearest first, at most three. */
export function similar(name: string, known: readonly string[]): string[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  return [...new Set(known)]
    .map(candidate => ({ candidate, d: distance(name, candidate) }))
    .filter(({ candidate, d }) => d <= limit || (name.length > 2 && candidate.toLowerCase().startsWith(name.toLowerCase())))
    .sort((a, b) => a.d - b.d || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `did you mean "X1"? there are: X1, X2 …`, for the end of a message; at most `limit` names are listed. */
export function whatExists(name: string, known: readonly string[], limit = 40): string {
  if (known.length === 0) return 'there is none';
  const near = similar(name, known);
  const list = known.length > limit ? `${known.slice(0, limit).join(', ')} … and ${known.length - limit} more` : known.join(', ');
  return near.length > 0
    ? `did you mean ${near.map(candidate => `"${candidate}"`).join(' or ')}? There are: ${list}`
    : `there are: ${list}`;
}

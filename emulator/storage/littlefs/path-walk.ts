const SLASH = 0x2f;
const DOT = 0x2e;

/** A path, and the last name in it that was looked for. */
export class PathWalk {
  readonly bytes: Uint8Array;
  at = 0;

  /** A zero byte ends the path. */
  constructor(path: Uint8Array) {
    const end = path.indexOf(0);
    this.bytes = end < 0 ? path : path.subarray(0, end);
  }

  /** Where the name at `from` ends. */
  nameEnd(from: number): number {
    let at = from;
    while (at < this.bytes.length && this.bytes[at] !== SLASH) at++;
    return at;
  }

  skipSlashes(from: number): number {
    let at = from;
    while (at < this.bytes.length && this.bytes[at] === SLASH) at++;
    return at;
  }

  /** The name at hand. */
  get name(): Uint8Array {
    return this.bytes.subarray(this.at, this.nameEnd(this.at));
  }

  /** Only slashes follow the name at hand. */
  get isLast(): boolean {
    return this.skipSlashes(this.nameEnd(this.at)) === this.bytes.length;
  }

  /** The name at hand is followed by a slash. */
  get endsInSlash(): boolean {
    return this.nameEnd(this.at) < this.bytes.length;
  }

  isDots(from: number, to: number, count: 1 | 2): boolean {
    return to - from === count && this.bytes[from] === DOT && this.bytes[to - 1] === DOT;
  }
}

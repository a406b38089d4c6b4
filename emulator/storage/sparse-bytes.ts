/** Bytes of which most are alike: a 4 GB card that holds ten files costs the memory of ten files. */

const PAGE_SIZE = 0x4000;

export class SparseBytes {
  private readonly pages = new Map<number, Uint8Array>();

  /** @param size in bytes, at most 2^53 - 1 @param blank the value of a byte that was never written */
  constructor(
    readonly size: number,
    readonly blank = 0,
  ) {}

  /** The number of bytes of host memory in use. */
  get allocated(): number {
    return this.pages.size * PAGE_SIZE;
  }

  read(address: number, into: Uint8Array): void {
    let done = 0;
    while (done < into.length) {
      const at = address + done;
      const page = this.pages.get(Math.floor(at / PAGE_SIZE));
      const offset = at % PAGE_SIZE;
      const length = Math.min(PAGE_SIZE - offset, into.length - done);
      if (page) into.set(page.subarray(offset, offset + length), done);
      else into.fill(this.blank, done, done + length);
      done += length;
    }
  }

  write(address: number, data: Uint8Array): void {
    let done = 0;
    while (done < data.length) {
      const at = address + done;
      const offset = at % PAGE_SIZE;
      const length = Math.min(PAGE_SIZE - offset, data.length - done);
      const part = data.subarray(done, done + length);
      const index = Math.floor(at / PAGE_SIZE);
      let page = this.pages.get(index);
      if (!page && part.some(byte => byte !== this.blank)) {
        page = new Uint8Array(PAGE_SIZE).fill(this.blank);
        this.pages.set(index, page);
      }
      page?.set(part, offset);
      done += length;
    }
  }

  /** Forgets everything that was written. */
  clear(): void {
    this.pages.clear();
  }

  /** A copy of the first `length` bytes. */
  slice(length: number): Uint8Array {
    const copy = new Uint8Array(length).fill(this.blank);
    for (const [index, page] of this.pages) {
      const start = index * PAGE_SIZE;
      if (start < length) copy.set(page.subarray(0, Math.min(PAGE_SIZE, length - start)), start);
    }
    return copy;
  }

  /** The address behind the last page that was written; 0 if none was. */
  get extent(): number {
    let last = -1;
    for (const index of this.pages.keys()) last = Math.max(last, index);
    return Math.min((last + 1) * PAGE_SIZE, this.size);
  }
}

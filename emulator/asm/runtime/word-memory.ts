/** Words in the memory of machine code: what the reference's structures are made of. */
import { lowHalf, putWord, type Word, wordOf } from '../word.ts';
import type { NativeMemory } from './native-memory.ts';

export class WordMemory {
  /** Bytes of a word: 4 or 8. */
  readonly bytes: 4 | 8;
  private readonly pair = new Int32Array(2);

  constructor(private readonly memory: NativeMemory) {
    this.bytes = memory.wordBytes;
  }

  /** Address of the word at an index from an address. */
  at(address: number, index: number): number {
    return (address + this.bytes * index) | 0;
  }

  load(address: number, index = 0): Word {
    const at = this.at(address, index);
    if (this.bytes === 4) return this.memory.read32(at);
    this.memory.readPair(at, this.pair, 0);
    return wordOf(this.pair, 0);
  }

  /** A word that holds an address or a count: its lower 32 bits, signed. */
  number(address: number, index = 0): number {
    const word = this.load(address, index);
    return typeof word === 'number' ? word | 0 : lowHalf(word);
  }

  store(address: number, index: number, word: Word): void {
    const at = this.at(address, index);
    if (this.bytes === 4) this.memory.write32(at, lowHalf(word));
    else {
      putWord(this.pair, 0, word);
      this.memory.writePair(at, this.pair[0], this.pair[1]);
    }
  }

  /** Words as they lie in memory. */
  encode(words: readonly Word[]): Int32Array {
    if (this.bytes === 4) return Int32Array.from(words, lowHalf);
    const encoded = new Int32Array(2 * words.length);
    words.forEach((word, i) => {
      putWord(encoded, 2 * i, word);
    });
    return encoded;
  }
}

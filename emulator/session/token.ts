/**
 * The table that the workers of one bench share, and the rule by which they pass the token: only who has it lets virtual time pass.
 *
 * The rule is conservative. Each board says when it will next do anything by itself (`next`: now while its guest computes, the next event while it
 * sleeps). The board with the earliest `next` has the token, and keeps it up to the next instant at which another one could affect it: the earliest
 * `next` of the others, and its own `patience` on top, which is how late it may hear of what they do (see docs/benches.md). Boards without a common
 * wire do not wait for each other. All of it depends on virtual time alone, so that every run is the same.
 */

/** How far (ns) a board goes ahead that does not watch what the others do: what it looks at, it waits for. */
export const AHEAD = 50_000;

/** How far (ns) boards without a common wire may be apart while the host waits for something that may happen at either. */
const APART = 200_000;

enum Word {
  /** Who has the token, or `FINISHED`. */
  TURN,
  JOINED,
  EPOCH,
  /** The condition of the call is true when all boards' parts of it are, not when one is. */
  TOGETHER,
  HEAD,
}

enum Field {
  WAKE,
  DEAD,
  WATCHING,
  WIRED,
  MET,
  COUNT,
}

const FINISHED = -1;

export class TokenTable {
  private readonly words: Int32Array;
  /** The deadline, then by board: time, next, patience, stop. */
  private readonly times: Float64Array;

  static make(count: number): SharedArrayBuffer {
    return new SharedArrayBuffer(8 * (1 + 4 * count) + 4 * (Word.HEAD + (Field.COUNT + count) * count));
  }

  constructor(
    buffer: SharedArrayBuffer,
    readonly count: number,
  ) {
    this.times = new Float64Array(buffer, 0, 1 + 4 * count);
    this.words = new Int32Array(buffer, this.times.byteLength);
  }

  private field(board: number, field: Field): number {
    return Word.HEAD + board * Field.COUNT + field;
  }

  private flag(board: number, field: Field): boolean {
    return Atomics.load(this.words, this.field(board, field)) === 1;
  }

  private setFlag(board: number, field: Field, on: boolean): void {
    Atomics.store(this.words, this.field(board, field), on ? 1 : 0);
  }

  // --- what each board says of itself ------------------------------------------------------------------------------

  /** The instant at which the call that is under way ends. */
  get deadline(): number {
    return this.times[0];
  }

  set deadline(time: number) {
    this.times[0] = time;
  }

  time(board: number): number {
    return this.times[1 + 4 * board];
  }

  next(board: number): number {
    return this.times[2 + 4 * board];
  }

  /** @param next when it will next do anything by itself @param patience how late it may hear of the others, in ns */
  publish(board: number, time: number, next: number, patience: number): void {
    const place = 1 + 4 * board;
    this.times[place] = time;
    this.times[place + 1] = next;
    this.times[place + 2] = patience;
  }

  /** Something that was done to a board at `time` may make it act then. */
  disturb(board: number, time: number): void {
    const place = 1 + 4 * board;
    this.times[place + 1] = Math.min(this.times[place + 1], Math.max(time, this.times[place]));
  }

  /** Whether it has a wire to another board. */
  isWired(board: number): boolean {
    return this.flag(board, Field.WIRED);
  }

  setWired(board: number, wired: boolean): void {
    this.setFlag(board, Field.WIRED, wired);
  }

  isDead(board: number): boolean {
    return this.flag(board, Field.DEAD);
  }

  setMet(board: number, met: boolean): void {
    this.setFlag(board, Field.MET, met);
  }

  /** Whether the call's condition is true, as far as the boards have told. */
  get isMet(): boolean {
    const watchers = Array.from({ length: this.count }, (_, board) => board).filter(
      board => !this.isDead(board) && this.flag(board, Field.WATCHING),
    );
    const isMet = (board: number) => this.flag(board, Field.MET);
    return Atomics.load(this.words, Word.TOGETHER) === 1 ? watchers.length > 0 && watchers.every(isMet) : watchers.some(isMet);
  }

  /** Host's side: a call begins in which time may pass up to `deadline`. */
  prepare(deadline: number, together: boolean): void {
    this.deadline = deadline;
    Atomics.store(this.words, Word.TOGETHER, together ? 1 : 0);
  }

  /** How many messages one board has sent another. */
  sent(from: number, to: number): number {
    return Atomics.load(this.words, Word.HEAD + Field.COUNT * this.count + from * this.count + to);
  }

  countSent(from: number, to: number): void {
    Atomics.add(this.words, Word.HEAD + Field.COUNT * this.count + from * this.count + to, 1);
  }

  // --- the token ---------------------------------------------------------------------------------------------------

  /** How far a board may go; less than its time if it may not. */
  limitOf(board: number): number {
    let limit = this.deadline;
    const wired = this.isWired(board);
    const watching = this.flag(board, Field.WATCHING);
    const patience = this.times[3 + 4 * board];
    for (let other = 0; other < this.count; other++) {
      if (other === board || this.isDead(other) || this.time(other) >= this.deadline) continue;
      if (wired && this.isWired(other)) limit = Math.min(limit, this.next(other) + patience);
      // Nobody goes beyond the instant at which a condition elsewhere comes true.
      else if (this.flag(other, Field.WATCHING))
        limit = Math.min(limit, watching ? this.next(other) + APART : Math.max(this.time(other), this.next(other) - 1));
    }
    return limit;
  }

  /** Who is to have the token: of those who may go on the one that will act first; `FINISHED` when all have come to the deadline. */
  private pick(): number {
    let found = FINISHED;
    let earliest = Infinity;
    for (let board = 0; board < this.count; board++) {
      if (this.isDead(board) || this.time(board) >= this.deadline) continue;
      const next = this.next(board);
      if (found >= 0 && next >= earliest) continue;
      if (this.limitOf(board) <= this.time(board)) continue;
      found = board;
      earliest = next;
    }
    return found;
  }

  /** Whether nobody whom this board could hear of acts before `time`. */
  isReached(board: number, time: number): boolean {
    for (let other = 0; other < this.count; other++) {
      if (other === board || this.isDead(other) || !this.isWired(other)) continue;
      if (this.next(other) < time && this.time(other) < Math.min(time, this.deadline)) return false;
    }
    return true;
  }

  /**
   * Takes part in the call that begins, and waits until everybody does.
   * @param watching whether it has a part of the call's condition @param met whether that is true already
   */
  join(board: number, watching: boolean, met: boolean): void {
    this.setFlag(board, Field.WATCHING, watching);
    this.setFlag(board, Field.MET, met);
    const epoch = Atomics.load(this.words, Word.EPOCH);
    Atomics.add(this.words, Word.JOINED, 1);
    this.begin();
    this.waitUntil(board, () => Atomics.load(this.words, Word.EPOCH) !== epoch);
  }

  /** Begins once all have joined. */
  private begin(): void {
    let alive = 0;
    for (let board = 0; board < this.count; board++) if (!this.isDead(board)) alive++;
    const joined = Atomics.load(this.words, Word.JOINED);
    // Of those who find all there, one begins.
    if (joined < alive || Atomics.compareExchange(this.words, Word.JOINED, joined, 0) !== joined) return;
    if (this.isMet) this.deadline = 0;
    this.pass();
    // Only now may the others look whose turn it is.
    Atomics.add(this.words, Word.EPOCH, 1);
    this.wakeAll();
  }

  /** Gives the token to whom it belongs. @returns who that is, or a negative number if the call is over */
  pass(): number {
    const turn = this.pick();
    Atomics.store(this.words, Word.TURN, turn);
    if (turn === FINISHED) this.wakeAll();
    else this.wake(turn);
    return turn;
  }

  /** Waits for the token. @returns false if the call is over instead */
  await(board: number): boolean {
    let turn = FINISHED;
    this.waitUntil(board, () => {
      turn = Atomics.load(this.words, Word.TURN);
      return turn === board || turn === FINISHED;
    });
    return turn === board;
  }

  /** Host's side: who has the token, if somebody has. */
  get holder(): number | undefined {
    const turn = Atomics.load(this.words, Word.TURN);
    return turn < 0 ? undefined : turn;
  }

  /** Host's side: a board is gone, and with it the token if it had it; the others go on. */
  bury(board: number): void {
    const held = this.holder === board;
    this.setFlag(board, Field.DEAD, true);
    if (held) this.pass();
    else if (Atomics.load(this.words, Word.JOINED) > 0) this.begin();
  }

  private wakeAll(): void {
    for (let board = 0; board < this.count; board++) this.wake(board);
  }

  private wake(board: number): void {
    const place = this.field(board, Field.WAKE);
    Atomics.add(this.words, place, 1);
    Atomics.notify(this.words, place);
  }

  /** A turn is often short: it looks for a while before it goes to sleep. */
  private waitUntil(board: number, condition: () => boolean): void {
    const place = this.field(board, Field.WAKE);
    for (let looks = 0; looks < SPINS; looks++) if (condition()) return;
    for (;;) {
      const seen = Atomics.load(this.words, place);
      if (condition()) return;
      Atomics.wait(this.words, place, seen);
    }
  }
}

/** Some ten microseconds: as long as it takes to go to sleep and to be woken. */
const SPINS = 400;

/**
 * Virtual time: integer nanoseconds since power-on, and the events that are to happen.
 *
 * Everything in the board that happens "later" is an event here; nothing else tells the time. Guest code moves `now`
 * forward by what it costs, waiting moves it to `nextDue`. A counter that merely counts (SysTick, a timer's CNT, the
 * RTC) is no event: it is derived from `now` when somebody looks at it, so that an idle hour costs nothing.
 *
 * A safe integer of nanoseconds lasts 104 days.
 */

/** One thing that is to happen at a virtual time. Opaque to its owner, but for `cancel` and `pending`. */
export interface ClockEvent {
  /** When it is (or was) due, in ns since power-on. */
  readonly time: number;
  /** True until the event has run or was cancelled. */
  readonly pending: boolean;
}

class ScheduledEvent implements ClockEvent {
  /** Place in the heap; -1 when not in it. */
  slot = -1;

  constructor(
    public time: number,
    public order: number,
    public run: () => void,
  ) {}

  get pending(): boolean {
    return this.slot >= 0;
  }
}

export class Clock {
  /**
   * Virtual time in ns since power-on, a safe integer. A CPU that runs freely may write it directly, as long as it only
   * goes forward and stays below `nextDue`; everybody else moves time by `advanceTo`.
   */
  now = 0;

  /** When the earliest event is due; `Infinity` if there is none. */
  nextDue = Infinity;

  /**
   * While events run: until when whoever lets time pass does nothing by himself. The next thing that happens here is an event or
   * this instant, whichever comes first; boards that are wired to this one rely on it.
   */
  quietUntil = 0;

  /**
   * Called when `nextDue` became earlier than it was, so that a CPU that has budgeted cycles up to the old one can cut its
   * budget short. Not called when `nextDue` moves away.
   */
  onNextDueChange?: (nextDue: number) => void;

  private readonly heap: ScheduledEvent[] = [];
  private insertions = 0;

  /** The number of events that are waiting. */
  get pendingEvents(): number {
    return this.heap.length;
  }

  /**
   * Schedules `run` for `time` (ns since power-on); a time in the past means now. Events of the same time run in the
   * order of their scheduling. An event never runs from within this call.
   * @throws RangeError if `time` is no safe integer
   */
  at(time: number, run: () => void): ClockEvent {
    if (!Number.isSafeInteger(time)) throw new RangeError(`an event's time must be a whole number of nanoseconds, not ${time}`);
    const event = new ScheduledEvent(Math.max(time, this.now), this.insertions++, run);
    this.insert(event);
    return event;
  }

  /** Schedules `run` for `delay` ns from now. @throws RangeError as `at` does */
  after(delay: number, run: () => void): ClockEvent {
    return this.at(this.now + delay, run);
  }

  /**
   * Moves an event, pending or not, to another time; it counts as newly scheduled. Spares a periodic model one allocation
   * each period. @throws RangeError as `at` does
   */
  reschedule(event: ClockEvent, time: number): void {
    if (!Number.isSafeInteger(time)) throw new RangeError(`an event's time must be a whole number of nanoseconds, not ${time}`);
    const scheduled = event as ScheduledEvent;
    if (scheduled.slot >= 0) this.remove(scheduled);
    scheduled.time = Math.max(time, this.now);
    scheduled.order = this.insertions++;
    this.insert(scheduled);
  }

  /** Forgets an event. Harmless if it has run, was cancelled before, or is undefined. */
  cancel(event: ClockEvent | undefined): void {
    const scheduled = event as ScheduledEvent | undefined;
    if (scheduled !== undefined && scheduled.slot >= 0) this.remove(scheduled);
  }

  /**
   * Moves time forward to `time`, running every event due until then (inclusive), each at its own time, in the order of
   * time, then of scheduling. An event may schedule, cancel, or advance time itself (an interrupt handler that runs guest
   * code does); time never goes back: if an event went beyond `time`, that is where the clock stays.
   *
   * What an event throws passes through: the event is gone, time stands at the event's, later events are still waiting.
   */
  advanceTo(time: number): void {
    this.advance(time, time);
  }

  /**
   * Moves time towards `until`, but no further than the earliest event: for somebody who sleeps until then and looks about after each event.
   * Does nothing if neither will ever come.
   */
  sleep(until: number): void {
    const time = Math.min(until, Math.max(this.nextDue, this.now));
    if (time !== Infinity) this.advance(time, until, true);
  }

  /**
   * Does something as of `time`, which is past: what another board has done, when the news of it came late. What is recorded and observed
   * meanwhile has that time; events that are scheduled for before now happen at once.
   */
  asOf(time: number, action: () => void): void {
    const { now } = this;
    this.now = Math.min(now, time);
    try {
      action();
    } finally {
      this.now = Math.max(now, this.now);
    }
  }

  /** @param looks whoever waits looks about after an event, and may act then: others of the same instant find him awake */
  private advance(time: number, quietUntil: number, looks = false): void {
    while (this.nextDue <= time) {
      const event = this.heap[0];
      this.remove(event);
      if (event.time > this.now) this.now = event.time;
      this.quietUntil = quietUntil;
      event.run();
      if (looks) quietUntil = this.now;
    }
    if (time > this.now) this.now = time;
  }

  /** Moves time to the earliest event and runs what is due then. Returns false, and does nothing, if no event is waiting. */
  advanceToNext(): boolean {
    const due = this.nextDue;
    if (due === Infinity) return false;
    this.advanceTo(Math.max(due, this.now));
    return true;
  }

  private insert(event: ScheduledEvent): void {
    const heap = this.heap;
    heap.push(event);
    this.siftUp(event, heap.length - 1);
    if (event.time < this.nextDue) {
      this.nextDue = event.time;
      this.onNextDueChange?.(event.time);
    }
  }

  private remove(event: ScheduledEvent): void {
    const heap = this.heap;
    const slot = event.slot;
    const last = heap.pop()!;
    event.slot = -1;
    if (last !== event) {
      if (slot > 0 && isEarlier(last, heap[(slot - 1) >> 1])) this.siftUp(last, slot);
      else this.siftDown(last, slot);
    }
    if (slot === 0) this.nextDue = heap.length > 0 ? heap[0].time : Infinity;
  }

  private siftUp(event: ScheduledEvent, slot: number): void {
    const heap = this.heap;
    while (slot > 0) {
      const parentSlot = (slot - 1) >> 1;
      const parent = heap[parentSlot];
      if (!isEarlier(event, parent)) break;
      heap[slot] = parent;
      parent.slot = slot;
      slot = parentSlot;
    }
    heap[slot] = event;
    event.slot = slot;
  }

  private siftDown(event: ScheduledEvent, slot: number): void {
    const heap = this.heap;
    const count = heap.length;
    for (;;) {
      let childSlot = 2 * slot + 1;
      if (childSlot >= count) break;
      if (childSlot + 1 < count && isEarlier(heap[childSlot + 1], heap[childSlot])) childSlot++;
      const child = heap[childSlot];
      if (!isEarlier(child, event)) break;
      heap[slot] = child;
      child.slot = slot;
      slot = childSlot;
    }
    heap[slot] = event;
    event.slot = slot;
  }
}

function isEarlier(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}

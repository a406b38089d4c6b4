import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock } from './clock.ts';

describe('Clock', () => {
  it('starts at zero with nothing due', () => {
    const clock = new Clock();
    expect(clock.now).toBe(0);
    expect(clock.nextDue).toBe(Infinity);
    expect(clock.advanceToNext()).toBe(false);
  });

  it('runs each event at its own time and ends at the time asked for', () => {
    const clock = new Clock();
    const seen: number[] = [];
    for (const time of [30, 10, 20]) clock.at(time, () => seen.push(clock.now));
    clock.advanceTo(25);
    expect(seen).toEqual([10, 20]);
    expect(clock.now).toBe(25);
    expect(clock.nextDue).toBe(30);
  });

  it('runs events of the same time in the order of their scheduling', () => {
    const clock = new Clock();
    const seen: string[] = [];
    clock.at(5, () => seen.push('first'));
    clock.at(5, () => seen.push('second'));
    clock.at(5, () => seen.push('third'));
    clock.advanceTo(5);
    expect(seen).toEqual(['first', 'second', 'third']);
  });

  it('runs an event that is scheduled for this instant by an event of this instant', () => {
    const clock = new Clock();
    let ran = false;
    clock.at(5, () => clock.after(0, () => (ran = true)));
    clock.advanceTo(5);
    expect(ran).toBe(true);
  });

  it('does not run a cancelled event, and cancelling twice is harmless', () => {
    const clock = new Clock();
    let ran = 0;
    const event = clock.at(5, () => ran++);
    const other = clock.at(5, () => ran++);
    clock.cancel(event);
    clock.cancel(event);
    clock.cancel(undefined);
    expect(event.pending).toBe(false);
    clock.advanceTo(10);
    expect(ran).toBe(1);
    clock.cancel(other);
    expect(clock.pendingEvents).toBe(0);
  });

  it('lets an event advance time beyond the outer target and never goes back', () => {
    const clock = new Clock();
    const seen: string[] = [];
    clock.at(10, () => {
      seen.push(`irq at ${clock.now}`);
      clock.advanceTo(100);
    });
    clock.at(20, () => seen.push(`nested at ${clock.now}`));
    clock.advanceTo(15);
    expect(seen).toEqual(['irq at 10', 'nested at 20']);
    expect(clock.now).toBe(100);
  });

  it('tells when the next due time came nearer, and only then', () => {
    const clock = new Clock();
    const told: number[] = [];
    clock.onNextDueChange = due => told.push(due);
    clock.at(50, () => {});
    clock.at(60, () => {});
    const near = clock.at(40, () => {});
    clock.cancel(near);
    clock.at(45, () => {});
    expect(told).toEqual([50, 40, 45]);
  });

  it('treats a time in the past as now', () => {
    const clock = new Clock();
    clock.advanceTo(100);
    let at = -1;
    clock.at(10, () => (at = clock.now));
    expect(clock.nextDue).toBe(100);
    clock.advanceToNext();
    expect(at).toBe(100);
  });

  it('reschedules one event object again and again', () => {
    const clock = new Clock();
    const seen: number[] = [];
    const tick = clock.at(10, () => {
      seen.push(clock.now);
      if (clock.now < 30) clock.reschedule(tick, clock.now + 10);
    });
    clock.advanceTo(1000);
    expect(seen).toEqual([10, 20, 30]);
  });

  it('refuses times that are not whole nanoseconds', () => {
    const clock = new Clock();
    for (const time of [NaN, 0.5, Infinity]) expect(() => clock.at(time, () => {})).toThrow(RangeError);
  });

  it('keeps the later events when one throws', () => {
    const clock = new Clock();
    let ran = false;
    clock.at(10, () => {
      throw new Error('guest exception');
    });
    clock.at(20, () => (ran = true));
    expect(() => clock.advanceTo(30)).toThrow('guest exception');
    expect(clock.now).toBe(10);
    clock.advanceTo(30);
    expect(ran).toBe(true);
  });

  it('agrees with a sorted list for any mix of scheduling and cancelling', () => {
    const operation = fc.record({ time: fc.nat(50), cancel: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), operations => {
        const clock = new Clock();
        const seen: number[] = [];
        const events: ReturnType<Clock['at']>[] = [];
        const model: { time: number; id: number }[] = [];
        operations.forEach((op, id) => {
          if (op.cancel && events.length > 0) {
            const victim = op.which % events.length;
            clock.cancel(events[victim]);
            const place = model.findIndex(entry => entry.id === victim);
            if (place >= 0) model.splice(place, 1);
          }
          events[id] = clock.at(op.time, () => seen.push(id));
          model.push({ time: op.time, id });
        });
        clock.advanceTo(100);
        model.sort((a, b) => a.time - b.time || a.id - b.id);
        expect(seen).toEqual(model.map(entry => entry.id));
        expect(clock.nextDue).toBe(Infinity);
      }),
    );
  });
});

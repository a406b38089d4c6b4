import { describe, expect, it } from 'vitest';
import { Wiring } from './wiring.ts';

const pin = (board: number, name: string) => ({ board, pin: name });

describe('wires between boards', () => {
  it('that meet in a pin are one net', () => {
    const wiring = new Wiring();
    wiring.add([pin(0, 'X1'), pin(1, 'X1')]);
    wiring.add([pin(2, 'X1'), pin(3, 'X1')]);
    expect(wiring.nets()).toHaveLength(2);
    wiring.add([pin(1, 'X1'), pin(2, 'X1')]);
    expect(wiring.nets()).toHaveLength(1);
    expect(wiring.nets()[0].pins).toHaveLength(4);
  });

  it('lose a pin that is taken off', () => {
    const wiring = new Wiring();
    wiring.add([pin(0, 'X1'), pin(1, 'X1'), pin(2, 'X1')]);
    const [{ id }] = wiring.nets();
    wiring.remove(pin(1, 'X1'));
    const [net] = wiring.nets();
    expect(net.pins).toEqual([pin(0, 'X1'), pin(2, 'X1')]);
    expect(net.id).not.toBe(id);
    wiring.remove(pin(0, 'X1'));
    expect(wiring.nets()).toEqual([]);
  });
});

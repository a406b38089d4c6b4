/** Registers of the chip, read and written as a program on the board would. */
import type { DataTable } from '@cucumber/cucumber';
import type { Bench } from './bench.ts';
import { BadStep, ExpectationFailed } from './failure.ts';
import { family } from './step.ts';

const step = family('Registers');

/** `GPIOA.MODER` in the words of `stm`, or an address. */
function addressOf(register: string): string {
  if (/^0x[0-9a-fA-F]+$/.test(register)) return register;
  const [, peripheral, name] = /^([A-Z]+[0-9]*)[._]([A-Z0-9]+)$/.exec(register) ?? [];
  if (peripheral === undefined)
    throw new BadStep(`"${register}" is no register: write it as GPIOA.MODER, or as an address such as 0x40020000`);
  // stm names a register by the family of its peripheral: GPIO_MODER for GPIOA, TIM_CR1 for TIM2.
  const kind = peripheral.startsWith('GPIO')
    ? 'GPIO'
    : peripheral.startsWith('USART') || peripheral.startsWith('UART')
      ? 'USART'
      : peripheral.replace(/\d+$/, '');
  return `stm.${peripheral} + stm.${kind}_${name}`;
}

async function readRegister(bench: Bench, register: string): Promise<number> {
  const { stdout, stderr } = await bench.run(`import machine, stm\nprint(machine.mem32[${addressOf(register)}] & 0xffffffff)\n`, {
    title: `a read of ${register}`,
    limit: 5e9,
  });
  if (stderr !== '') throw new ExpectationFailed(`register ${register}`, 'the board could not read it', { evidence: stderr });
  return Number(stdout);
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;

step(
  'register {word} is {hex}',
  {
    about:
      'A 32-bit register of the chip has this value now. It is read by the board itself, by the names of its module stm, or by address.',
    needs: ['execute'],
    passes: `When the board runs "import machine, pyb, stm; pyb.Timer(2, freq=1000); machine.mem32[stm.TIM2 + stm.TIM_ARR] = 0x1234"
Then register TIM2.ARR is 0x1234`,
    fails: {
      steps: `When the board runs "import machine, pyb, stm; pyb.Timer(2, freq=1000); machine.mem32[stm.TIM2 + stm.TIM_ARR] = 0x1234"\nThen register TIM2.ARR is 0x5678`,
      says: 'seen      0x00001234',
    },
  },
  async function (this: Bench, register: string, expected: number) {
    const seen = await readRegister(this, register);
    if (seen !== expected) throw new ExpectationFailed(`register ${register} to be ${hex(expected)}`, hex(seen));
  },
);

step(
  'these registers have:',
  {
    about: 'Several registers now. A value may have a mask after it: only the bits that are set in the mask are compared.',
    takes: 'a table with the columns register and value, and, if wanted, mask',
    needs: ['execute'],
    passes: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT)"
Then these registers have:
  | register    | value | mask |
  | GPIOA.MODER | 0x1   | 0x3  |`,
    fails: {
      steps: `When the board runs "import pyb; pyb.Pin('X1', pyb.Pin.OUT)"
Then these registers have:
  | register    | value | mask |
  | GPIOA.MODER | 0x2   | 0x3  |`,
      says: 'expected  register GPIOA.MODER',
    },
  },
  async function (this: Bench, table: DataTable) {
    for (const { register, value, mask } of table.hashes()) {
      if (register === undefined || value === undefined) throw new BadStep('the table needs the columns register and value');
      const bits = mask ? Number(mask) : 0xffffffff;
      const seen = await readRegister(this, register);
      if ((seen & bits) >>> 0 !== (Number(value) & bits) >>> 0) {
        throw new ExpectationFailed(
          `register ${register} to be ${value}${mask ? ` in the bits ${mask}` : ''}`,
          `${hex(seen)}${mask ? `, in these bits ${hex(seen & bits)}` : ''}`,
        );
      }
    }
  },
);

step(
  'register {word} is written with {hex}',
  {
    about: 'The board writes a 32-bit register of the chip.',
    needs: ['execute'],
    passes: `Given the board runs "import pyb; pyb.Timer(2, freq=1000)"
When register TIM2.ARR is written with 0x1234
Then register TIM2.ARR is 0x1234`,
    fails: { steps: `When register TIM2 is written with 0x1234`, says: '"TIM2" is no register' },
  },
  async function (this: Bench, register: string, value: number) {
    const { stderr } = await this.run(`import machine, stm\nmachine.mem32[${addressOf(register)}] = ${value}\n`, {
      title: `a write of ${register}`,
      limit: 5e9,
    });
    if (stderr !== '')
      throw new ExpectationFailed(`register ${register} to take ${hex(value)}`, 'the board could not write it', { evidence: stderr });
  },
);

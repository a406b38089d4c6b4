/** The USB cable: what a computer sees at its other end. */
import type { HidReport } from '../emulator/session/handle.ts';
import { describeReport, typedText } from '../emulator/session/hid-report.ts';
import { formatTime } from '../views/units.ts';
import { type Bench, utf8 } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, difference, ExpectationFailed } from './failure.ts';
import { hexBytes } from './repl.ts';
import { family } from './step.ts';

const step = family('USB');

async function usbOf(bench: Bench) {
  bench.need('usb');
  return (await bench.dut()).usb!;
}

step(
  'the computer writes {string} to the USB drive:',
  {
    about: "Copies a text file onto the board's USB drive, through the computer's own cache. The text ends with a line end.",
    takes: 'the contents as a doc string',
    needs: ['usb'],
    passes: `Given the board has booted
When the computer writes "new.py" to the USB drive:
  """
  print('new')
  """
And the computer ejects the USB drive
Then there is a file "/flash/new.py"`,
  },
  async function (this: Bench, path: string, content: string) {
    await (await usbOf(this)).drive.writeFile(path, Buffer.from(`${content}\n`, 'utf8'));
  },
);

step(
  'the computer deletes {string} from the USB drive',
  {
    about: "Deletes a file of the board's USB drive, through the computer's own cache.",
    needs: ['usb'],
    passes: `Given the board has booted
When the computer deletes "README.txt" from the USB drive
And the computer ejects the USB drive
Then there is no file "/flash/README.txt"`,
    fails: { steps: `Given the board has booted\nWhen the computer deletes "nothing.txt" from the USB drive`, says: 'nothing.txt' },
  },
  async function (this: Bench, path: string) {
    const { drive } = await usbOf(this);
    if (!(await drive.removeFile(path)))
      throw new ExpectationFailed(
        `a file ${path} on the USB drive`,
        `there is none; ${whatExists(
          path,
          (await drive.list()).map(entry => entry.path),
        )}`,
      );
  },
);

step(
  'the computer ejects the USB drive',
  {
    about: 'The computer writes back what its cache holds and lets go of the drive.',
    needs: ['usb'],
    passes: `Given the board has booted
When the computer ejects the USB drive`,
  },
  async function (this: Bench) {
    await (await usbOf(this)).drive.eject();
  },
);

step(
  'the computer flushes the USB drive',
  {
    about: 'The computer writes back what its cache holds, and keeps the drive.',
    needs: ['usb'],
    passes: `Given the board has booted
When the computer flushes the USB drive`,
  },
  async function (this: Bench) {
    await (await usbOf(this)).drive.flush();
  },
);

step(
  'the computer sees {string} on the USB drive',
  {
    about: "The computer's view of the drive lists this file.",
    needs: ['usb'],
    passes: `Given the board has booted
Then the computer sees "main.py" on the USB drive`,
    fails: { steps: `Given the board has booted\nThen the computer sees "mian.py" on the USB drive`, says: 'did you mean "main.py"' },
  },
  async function (this: Bench, path: string) {
    const files = (await (await usbOf(this)).drive.list()).map(entry => entry.path);
    if (!files.includes(path)) throw new ExpectationFailed(`the computer to see ${path}`, `it does not; ${whatExists(path, files)}`);
  },
);

step(
  'the computer does not see {string} on the USB drive',
  {
    about: "The computer's view of the drive does not list this file.",
    needs: ['usb'],
    passes: `Given the board has booted
Then the computer does not see "other.py" on the USB drive`,
    fails: { steps: `Given the board has booted\nThen the computer does not see "main.py" on the USB drive`, says: 'not to see main.py' },
  },
  async function (this: Bench, path: string) {
    if ((await (await usbOf(this)).drive.list()).some(entry => entry.path === path))
      throw new ExpectationFailed(`the computer not to see ${path}`, 'it does');
  },
);

step(
  'the computer reads {string} from the USB drive as:',
  {
    about: 'A file of the drive as the computer reads it holds exactly these lines.',
    takes: 'the contents as a doc string',
    needs: ['usb'],
    passes: `Given the flash holds "note.txt":
  """
  hello
  """
And the board has booted
Then the computer reads "note.txt" from the USB drive as:
  """
  hello
  """`,
    fails: {
      steps: `Given the flash holds "note.txt":\n  """\n  hello\n  """\nAnd the board has booted\nThen the computer reads "note.txt" from the USB drive as:\n  """\n  bye\n  """`,
      says: '- bye',
    },
  },
  async function (this: Bench, path: string, expected: string) {
    const { drive } = await usbOf(this);
    const content = await drive.readFile(path);
    if (content === undefined)
      throw new ExpectationFailed(
        `a file ${path} on the USB drive`,
        `there is none; ${whatExists(
          path,
          (await drive.list()).map(entry => entry.path),
        )}`,
      );
    const seen = utf8(Buffer.from(content).toString('latin1')).replaceAll('\r\n', '\n').replace(/\n$/, '');
    if (seen !== expected) throw new ExpectationFailed(`${path} to hold these lines`, 'others', { evidence: difference(expected, seen) });
  },
);

step(
  'the USB cable is plugged in',
  {
    about: 'Connects the USB cable.',
    needs: ['usb'],
    passes: `Given the board has booted
When the USB cable is unplugged
And the USB cable is plugged in
And 500 ms pass
Then the USB device offers "vcp"`,
  },
  async function (this: Bench) {
    await (await usbOf(this)).connect(true);
  },
);

step(
  'the USB cable is unplugged',
  {
    about: 'Disconnects the USB cable; the power of the board is another matter.',
    needs: ['usb'],
    passes: `Given the board has booted
When the USB cable is unplugged`,
  },
  async function (this: Bench) {
    await (await usbOf(this)).connect(false);
  },
);

step(
  'the USB device offers {string}',
  {
    about: 'The board presents this interface: vcp (a serial port), msc (a drive), hid.',
    needs: ['usb'],
    passes: `Given the board has booted
Then the USB device offers "msc"`,
    fails: { steps: `Given the board has booted\nThen the USB device offers "hid"`, says: 'expected  the USB device to offer "hid"' },
  },
  async function (this: Bench, wanted: string) {
    const offered = await (await usbOf(this)).interfaces();
    if (!offered.includes(wanted)) throw new ExpectationFailed(`the USB device to offer "${wanted}"`, offered.join(', ') || 'nothing');
  },
);

step(
  'the USB device does not offer {string}',
  {
    about: 'The board does not present this interface.',
    needs: ['usb'],
    passes: `Given the board has booted
Then the USB device does not offer "hid"`,
    fails: { steps: `Given the board has booted\nThen the USB device does not offer "vcp"`, says: 'not to offer "vcp"' },
  },
  async function (this: Bench, unwanted: string) {
    const offered = await (await usbOf(this)).interfaces();
    if (offered.includes(unwanted)) throw new ExpectationFailed(`the USB device not to offer "${unwanted}"`, offered.join(', '));
  },
);

/** What the computer has fetched since the last action began. */
async function reportsTo(bench: Bench): Promise<readonly HidReport[]> {
  const usb = await usbOf(bench);
  const dut = await bench.dut();
  const key = `HID reports of ${dut.name}`;
  const all = [...((bench.notes.get(key) as HidReport[] | undefined) ?? []), ...(await usb.hidReports())];
  bench.notes.set(key, all);
  return all.filter(({ time }) => time >= bench.window.from);
}

function described(reports: readonly HidReport[]): { evidence?: string } {
  if (reports.length === 0) return {};
  return { evidence: reports.map(report => `${formatTime(report.time)}  ${hexBytes(report.bytes)}  ${describeReport(report)}`).join('\n') };
}

/** A board that is a mouse, or a keyboard, besides its serial port. */
const device = (kind: string) => `Given the flash holds "boot.py":
  """
  import pyb
  pyb.usb_mode('VCP+HID', hid=pyb.hid_${kind})
  """`;

step(
  'the computer has received the HID report {bytes}',
  {
    about: 'Since the last action began the board has sent this HID report, among others.',
    needs: ['usb'],
    passes: `Given the flash holds "boot.py":
  """
  import pyb
  pyb.usb_mode('VCP+HID')
  """
When the board runs "import pyb; pyb.USB_HID().send((0, 10, 0, 0)); pyb.delay(20)"
Then the computer has received the HID report 00 0A 00 00`,
    fails: {
      steps: `Given the board has booted\nThen the computer has received the HID report 00 0A 00 00`,
      says: 'expected  the HID report 00 0A 00 00',
    },
  },
  async function (this: Bench, expected: Uint8Array) {
    const reports = await reportsTo(this);
    if (!reports.some(({ bytes }) => Buffer.compare(bytes, expected) === 0)) {
      const seen = reports.map(({ bytes }) => hexBytes(bytes)).join('; ') || 'no report';
      throw new ExpectationFailed(`the HID report ${hexBytes(expected)}`, seen, described(reports));
    }
  },
);

step(
  'the computer receives the mouse movement {int}, {int}',
  {
    about: 'Since the last action began the board, as a mouse, has moved by so much to the right and down, in one report or several.',
    needs: ['usb'],
    passes: `${device('mouse')}
When the board runs the program:
  """
  import pyb
  hid = pyb.USB_HID()
  for step in range(5):
      while not hid.send((0, 2, -1, 0)):
          pyb.delay(1)
  pyb.delay(20)
  """
Then the computer receives the mouse movement 10, -5`,
    fails: {
      steps: `${device('mouse')}
When the board runs "import pyb; pyb.USB_HID().send((0, 10, 0, 0)); pyb.delay(20)"
Then the computer receives the mouse movement 10, 3`,
      says: 'seen      10, 0',
    },
  },
  async function (this: Bench, x: number, y: number) {
    const reports = await reportsTo(this);
    const moves = reports.flatMap(({ mouse }) => mouse ?? []);
    const sum = (axis: 'x' | 'y') => moves.reduce((total, move) => total + move[axis], 0);
    if (sum('x') === x && sum('y') === y && moves.length > 0) return;
    const seen = moves.length === 0 ? 'no report of a mouse' : `${sum('x')}, ${sum('y')}`;
    throw new ExpectationFailed(`the mouse to move by ${x}, ${y}`, seen, described(reports));
  },
);

step(
  'the computer sees the {word} mouse button pressed',
  {
    about: 'Since the last action began the board, as a mouse, has pressed the left, right or middle button.',
    needs: ['usb'],
    passes: `${device('mouse')}
When the board runs "import pyb; pyb.USB_HID().send((2, 0, 0, 0)); pyb.delay(20)"
Then the computer sees the right mouse button pressed`,
    fails: {
      steps: `${device('mouse')}
When the board runs "import pyb; pyb.USB_HID().send((2, 0, 0, 0)); pyb.delay(20)"
Then the computer sees the left mouse button pressed`,
      says: 'right button',
    },
  },
  async function (this: Bench, button: string) {
    if (!['left', 'right', 'middle'].includes(button)) throw new BadStep(`a mouse has a left, a right and a middle button, no "${button}"`);
    const reports = await reportsTo(this);
    if (reports.some(({ mouse }) => mouse?.buttons.includes(button))) return;
    const seen = reports.map(report => describeReport(report)).join('; ') || 'no report';
    throw new ExpectationFailed(`the ${button} mouse button to be pressed`, seen, described(reports));
  },
);

step(
  'the computer receives the key presses {string}',
  {
    about:
      'Since the last action began the board, as a keyboard, has typed this and nothing else, on a keyboard for the United States. Keys that type nothing are written `<F1>`, `<Ctrl-c>`; `\\n` is Enter.',
    needs: ['usb'],
    passes: `${device('keyboard')}
When the board runs the program:
  """
  import pyb
  hid = pyb.USB_HID()
  def press(modifiers, key):
      for report in (bytes((modifiers, 0, key, 0, 0, 0, 0, 0)), bytes(8)):
          while not hid.send(report):
              pyb.delay(1)
  press(2, 0x0b)
  press(0, 0x0c)
  press(1, 0x06)
  pyb.delay(20)
  """
Then the computer receives the key presses "Hi<Ctrl-c>"`,
    fails: {
      steps: `${device('keyboard')}
When the board runs "import pyb; pyb.USB_HID().send(bytes((0, 0, 4, 0, 0, 0, 0, 0))); pyb.delay(20)"
Then the computer receives the key presses "b"`,
      says: 'seen      "a"',
    },
  },
  async function (this: Bench, expected: string) {
    const reports = await reportsTo(this);
    const typed = typedText(reports);
    if (typed === expected.replaceAll('\\n', '\n')) return;
    throw new ExpectationFailed(`the key presses ${JSON.stringify(expected)}`, JSON.stringify(typed), described(reports));
  },
);

step(
  'the computer receives no HID report',
  {
    about: 'Since the last action began the board has sent no HID report.',
    needs: ['usb'],
    passes: `${device('mouse')}
When the board runs "1"
Then the computer receives no HID report`,
    fails: {
      steps: `${device('mouse')}
When the board runs "import pyb; pyb.USB_HID().send((0, 1, 0, 0)); pyb.delay(20)"
Then the computer receives no HID report`,
      says: 'mouse 1, 0',
    },
  },
  async function (this: Bench) {
    const reports = await reportsTo(this);
    if (reports.length === 0) return;
    const seen = reports.map(report => describeReport(report) || hexBytes(report.bytes)).join('; ');
    throw new ExpectationFailed('no HID report', seen, described(reports));
  },
);

step(
  'the computer sends the HID report {bytes}',
  {
    about: 'The computer sends the board a report: `pyb.USB_HID().recv` gives it to the program.',
    needs: ['usb'],
    passes: `${device('keyboard')}
And the board is started with "import pyb; print('LEDs', pyb.USB_HID().recv(1, timeout=1000))"
When the computer sends the HID report 02
Then the board prints "LEDs b'\\x02'" within 1 s`,
    fails: {
      steps: `Given the board has booted
When the computer sends the HID report 02`,
      says: 'presents no HID device',
    },
  },
  async function (this: Bench, bytes: Uint8Array) {
    const dut = await this.running();
    await dut.usb!.sendHid(bytes);
  },
);

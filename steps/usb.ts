/** The USB cable: what a computer sees at its other end. */

import { type Bench, utf8 } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { difference, ExpectationFailed } from './failure.ts';
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

step(
  'the computer has received the HID report {bytes}',
  {
    about: 'Since the last such step the board has sent this HID report, among others.',
    needs: ['usb'],
    passes: `Given the flash holds "boot.py":
  """
  import pyb
  pyb.usb_mode('VCP+HID')
  """
When the board runs "import pyb; pyb.USB_HID().send((0, 10, 0, 0))"
Then the computer has received the HID report 00 0A 00 00`,
    fails: {
      steps: `Given the board has booted\nThen the computer has received the HID report 00 0A 00 00`,
      says: 'expected  the HID report 00 0A 00 00',
    },
  },
  async function (this: Bench, expected: Uint8Array) {
    const reports = await (await usbOf(this)).hidReports();
    if (!reports.some(({ bytes }) => Buffer.compare(bytes, expected) === 0)) {
      throw new ExpectationFailed(
        `the HID report ${hexBytes(expected)}`,
        reports.map(({ bytes }) => hexBytes(bytes)).join('; ') || 'no report',
      );
    }
  },
);

/** The files of a fresh board. The scripts do nothing; the texts are ours. */

const lines = (...text: string[]) => new TextEncoder().encode(text.map(line => `${line}\r\n`).join(''));

export const FACTORY_FILES: ReadonlyMap<string, Uint8Array> = new Map([
  [
    'boot.py',
    lines(
      '# boot.py: runs at every start, before USB is set up and before main.py.',
      '# A good place to choose what the board is on USB, and which script comes next:',
      '#',
      '#   import pyb',
      "#   pyb.usb_mode('VCP+MSC')",
      "#   pyb.main('other.py')",
    ),
  ],
  ['main.py', lines('# main.py: runs after boot.py. Your program goes here.')],
  [
    'pybcdc.inf',
    lines(
      '; Driver information for Windows versions that do not know USB serial ports by themselves.',
      '; This virtual board needs none: the file is here because a board has it.',
      '[Version]',
      'Signature="$Windows NT$"',
      'Class=Ports',
      'ClassGuid={4D36E978-E325-11CE-BFC1-08002BE10318}',
      'Provider=%NAME%',
      '',
      '[Strings]',
      'NAME="pyboard virtual serial port"',
    ),
  ],
  [
    'README.txt',
    lines(
      'This is the flash drive of a pyboard.',
      '',
      "Edit main.py and reset the board to run it. For a prompt, open the board's serial port",
      'with a terminal program and press Enter.',
      '',
      'Eject the drive before you reset the board, or what you wrote may be lost.',
    ),
  ],
]);

/** The files of a new spec project. They are tested as they stand: a project made of them passes. */
export const templateFiles: Readonly<Record<string, string>> = {
  'cucumber.json': `{
  "default": {
    "import": ["steps/**/*.mjs"]
  }
}
`,
  'programs/blink.py': `# What the board runs after power-on: copied to its flash as main.py.
import time

print('blinking')
for i in range(3):
    print('tick', i)
    time.sleep_ms(100)
`,
  'features/blink.feature': `Feature: Our program
  It starts by itself when the board gets power.

  Scenario: It ticks three times
    Given the board has booted
    When the board runs the script "programs/blink.py"
    Then it prints:
      """
      blinking
      tick 0
      tick 1
      tick 2
      """
    And it takes 300 ms ± 5 %

  Scenario: A step of our own
    When the board runs "x = 6 * 7"
    Then the variable x is 42
`,
  'steps/own-steps.mjs': `// Steps of this project. The library of boardspec is there without an import of its own.
import { ExpectationFailed, family } from 'boardspec/steps';

const step = family('Our steps');

step(
  'the variable {word} is {int}',
  {
    about: 'A global variable of the board has this value.',
    passes: \`When the board runs "x = 42"
Then the variable x is 42\`,
  },
  async function (name, expected) {
    const { stdout } = await this.run(\`print(\${name})\\n\`, { title: \`a look at \${name}\`, limit: 1e9 });
    if (Number(stdout) !== expected) throw new ExpectationFailed(\`\${name} to be \${expected}\`, stdout.trim());
  },
);
`,
};

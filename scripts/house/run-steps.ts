// Runs named commands, two at a time where they may overlap, prints the time of each and stops at the first failure.

import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';

export interface Step {
  name: string;
  command: string;
  args: string[];
  /** Environment variables in addition to this process's. */
  env?: Record<string, string>;
  /** Runs at the lowest priority. */
  isPatient?: boolean;
}

interface StepResult {
  step: Step;
  code: number;
  output: string;
  seconds: number;
}

function run(step: Step, live: boolean): Promise<StepResult> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(step.command, step.args, {
      stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: process.env.FORCE_COLOR ?? (process.stdout.isTTY ? '1' : '0'), ...step.env },
      shell: process.platform === 'win32',
    });
    if (step.isPatient && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    const output: Buffer[] = [];
    child.stdout?.on('data', (piece: Buffer) => output.push(piece));
    child.stderr?.on('data', (piece: Buffer) => output.push(piece));
    const end = (code: number) =>
      resolve({ step, code, output: Buffer.concat(output).toString(), seconds: (performance.now() - started) / 1000 });
    child.on('error', (error) => {
      output.push(Buffer.from(`${step.command}: ${error.message}\n`));
      end(1);
    });
    child.on('exit', (code) => end(code ?? 1));
  });
}

function report(result: StepResult) {
  const mark = result.code === 0 ? 'ok  ' : 'FAIL';
  console.log(`${mark} ${result.step.name.padEnd(22)} ${result.seconds.toFixed(1).padStart(6)} s`);
}

/** Runs the steps one after another with live output. Returns false at the first failure. */
export async function runInTurn(steps: Step[]): Promise<boolean> {
  for (const step of steps) {
    console.log(`\n── ${step.name}`);
    const result = await run(step, true);
    report(result);
    if (result.code !== 0) return false;
  }
  return true;
}

/** Runs the steps two at a time and shows the output of failed ones only. Returns false when any failed. */
export async function runInPairs(steps: Step[]): Promise<boolean> {
  const waiting = [...steps];
  let ok = true;
  const lane = async () => {
    for (let step = waiting.shift(); step && ok; step = waiting.shift()) {
      const result = await run(step, false);
      report(result);
      if (result.code !== 0) {
        ok = false;
        console.log(result.output);
      }
    }
  };
  await Promise.all([lane(), lane()]);
  return ok;
}

// Runs the contracts' tests and counts them; shows failures in full and one line per suite.

import { forge } from './forge.ts';

interface TestResult {
  status: 'Success' | 'Failure' | 'Skipped';
  reason: string | null;
}

type Suites = Record<string, { test_results: Record<string, TestResult> }>;

export interface Counts {
  passed: number;
  failed: number;
}

/** Tests of the profile `default`, with these environment variables. A build that fails counts as one failed test. */
export async function forgeTests(env: Record<string, string>): Promise<Counts> {
  const { code, stdout, stderr } = await forge(['test', '--json'], { env });
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) {
    console.log(stdout, stderr);
    return { passed: 0, failed: 1 };
  }
  const counts: Counts = { passed: 0, failed: 0 };
  for (const [suite, { test_results }] of Object.entries(JSON.parse(line) as Suites)) {
    const results = Object.entries(test_results);
    const failures = results.filter(([, { status }]) => status === 'Failure');
    counts.failed += failures.length;
    counts.passed += results.filter(([, { status }]) => status === 'Success').length;
    console.log(
      `${failures.length === 0 ? 'ok  ' : 'FAIL'} ${suite.replace('contracts/test/', '')} (${results.length})`,
    );
    for (const [name, { reason }] of failures) console.log(`     ${name}: ${reason ?? 'no reason given'}`);
  }
  // A run that fails without a failed test (a crash, no tests at all) must not count as success.
  if (code !== 0 && counts.failed === 0) {
    console.log(stderr);
    counts.failed = 1;
  }
  return counts;
}

import type { Reporter, TestCase } from "vitest/node";

/** Names every test that failed and then passed, so that a run with retries hides nothing. */
export default class FlakyReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky === true)
      console.log(`FLAKY ${test.module.relativeModuleId} > ${test.fullName}`);
  }
}

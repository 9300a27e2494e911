import { execFileSync } from "node:child_process";
import { test } from "@playwright/test";
import { BUCKET, FIXTURES } from "./support";

test("the shipped files are put into a bucket", () => {
  const python = process.env.H5SCOUT_TEST_PYTHON ?? "python3";
  const said = execFileSync(python, [`${FIXTURES}/../tests/e2e/fill_bucket.py`, FIXTURES, BUCKET]);
  console.log(said.toString().trim());
});

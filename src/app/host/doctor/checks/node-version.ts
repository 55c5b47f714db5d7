import { defineCheck } from "../define.ts";

const oldestMajor = 20;
const oldestMinor = 19;

/** The Node that runs this. */
export const nodeVersion = defineCheck({
  id: "node",
  title: "Version of Node",
  async run() {
    const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
    if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return { findings: [] };
    return {
      findings: [
        {
          rule: "node/too-old",
          severity: "high",
          message: "this Node is older than the oldest that is tested",
          where: {},
          evidence: process.versions.node,
          why: "nobody has run the tests on it",
          fix: `use Node ${oldestMajor}.${oldestMinor} or later`,
        },
      ],
    };
  },
});

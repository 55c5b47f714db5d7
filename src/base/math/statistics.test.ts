import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  betaQuantile,
  binomialTest,
  clopperPearson,
  createSeeded,
  erfc,
  logGamma,
  lowerBound,
  normalCdf,
  normalQuantile,
  regularizedBeta,
  upperBound,
  wilson,
} from "./index.ts";

/** Reference values: SciPy 1.17.1 (`gammaln`, `betainc`, `betaincinv`, `norm`, `binomtest`). */
const near = (value: number, wanted: number, relative: number): void => {
  const error = wanted === 0 ? Math.abs(value) : Math.abs(value / wanted - 1);
  expect(error, `${value} for ${wanted}`).toBeLessThan(relative);
};

describe("special functions", () => {
  it.for([
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247],
    [1.5, -0.12078223763524526],
    [10, 12.801827480081469],
    [100.5, 361.43554046777757],
    [1e5, 1051287.7089736569],
    [1e8, 1742068066.1038349],
  ] as const)("ln Γ(%d) agrees to thirteen digits", ([x, wanted]) => near(logGamma(x), wanted, 1e-13));

  it.for([
    [0.5, 2, 2, 0.5],
    [0.1, 0.5, 0.5, 0.20483276469913345],
    [0.99, 1000, 10, 0.44604227084550874],
    [0.3, 5, 20, 0.8889247767390779],
    [1e-6, 1, 1e5, 0.09516262720594036],
    [0.5, 1e4, 1e4, 0.4999999999999989],
  ] as const)("I of %d (%d, %d) agrees to eleven digits", ([x, a, b, wanted]) => near(regularizedBeta(x, a, b), wanted, 1e-11));

  it.for([
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404056],
    [0.001, -3.090232306167813],
    [0.025, -1.9599639845400545],
    [0.3, -0.5244005127080409],
    [0.5, 0],
    [0.8, 0.8416212335729143],
    [0.975, 1.959963984540054],
    [0.976036, 1.978006264082973],
    [1 - 1e-10, 6.361340889697422],
  ] as const)("the normal quantile of %d agrees to twelve digits", ([p, wanted]) =>
    wanted === 0 ? expect(Math.abs(normalQuantile(p))).toBeLessThan(1e-15) : near(normalQuantile(p), wanted, 1e-12),
  );

  it.for([
    [-8, 6.22096057427174e-16],
    [-3, 0.0013498980316300933],
    [-1, 0.15865525393145707],
    [-0.1, 0.460172162722971],
    [0.5, 0.6914624612740131],
    [2, 0.9772498680518208],
  ] as const)("the normal distribution at %d agrees to twelve digits", ([z, wanted]) => near(normalCdf(z), wanted, 1e-12));

  it("undo each other", () => {
    const inside = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
    const shape = fc.double({ min: 0.5, max: 500, noNaN: true });
    fc.assert(fc.property(inside, (p) => near(normalCdf(normalQuantile(p)), p, 1e-11)));
    fc.assert(fc.property(inside, shape, shape, (p, a, b) => near(regularizedBeta(betaQuantile(p, a, b), a, b), p, 1e-7)));
    expect([normalQuantile(0), normalQuantile(1), erfc(40), erfc(-40)]).toEqual([-Infinity, Infinity, 0, 2]);
    expect(normalQuantile(-1)).toBeNaN();
  });
});

describe("the interval of a counted share", () => {
  it.for([
    [0, 10, 0, 0.30849710781876294, 0, 0.27753279986288926],
    [1, 10, 0.0025285785444625728, 0.44501611702819543, 0.017876213095072896, 0.4041500267952385],
    [5, 10, 0.1870860284474045, 0.8129139715525955, 0.236593090512564, 0.7634069094874361],
    [10, 10, 0.6915028921812371, 1, 0.7224672001371109, 1],
    [990, 1000, 0.9816867569448875, 0.9951944893089419, 0.9816905311296852, 0.9945592455544706],
    [99_999, 100_000, 0.9999442848396557, 0.9999997468215721, 0.9999433529034095, 0.9999982347522695],
  ] as const)("for %d of %d agrees with SciPy's", ([k, n, low, high, scoreLow, scoreHigh]) => {
    const exact = clopperPearson(k, n);
    near(exact.low, low, 1e-9);
    near(exact.high, high, 1e-9);
    const score = wilson(k, n);
    expect(Math.abs(score.low - scoreLow)).toBeLessThan(1e-12);
    expect(Math.abs(score.high - scoreHigh)).toBeLessThan(1e-12);
  });

  it("of the first and the last count is what the formula says", () => {
    near(clopperPearson(1, 100_000).low, -Math.expm1(Math.log(0.975) / 1e5), 1e-12);
    near(clopperPearson(99_999, 100_000).high, Math.exp(Math.log(0.975) / 1e5), 1e-12);
    near(clopperPearson(0, 7).high, 1 - 0.025 ** (1 / 7), 1e-12);
  });

  it("one-sided is the bound that certified radii stand on", () => {
    near(lowerBound(990, 1000, 0.001), 0.9760361871553114, 1e-12);
    near(lowerBound(9999, 10_000, 0.001), 0.9990770386693395, 1e-12);
    near(lowerBound(100_000, 100_000, 0.001), 0.001 ** 1e-5, 1e-12);
    near(normalQuantile(lowerBound(990, 1000, 0.001)), 1.97801, 1e-5);
    near(upperBound(40, 100, 0.05), 1 - 0.5129758202538943, 1e-12);
  });

  it("holds the share at least as often as it says", () => {
    const random = createSeeded(4);
    for (const share of [0.02, 0.3, 0.5, 0.95]) {
      let held = 0;
      const intervals = new Map<number, boolean>();
      for (let round = 0; round < 2000; round++) {
        let k = 0;
        for (let i = 0; i < 60; i++) if (random.unit() < share) k++;
        if (!intervals.has(k)) {
          const { low, high } = clopperPearson(k, 60);
          intervals.set(k, low <= share && share <= high);
        }
        if (intervals.get(k)!) held++;
      }
      expect(held / 2000).toBeGreaterThan(0.945);
    }
  });

  it("holds the share that was counted, and grows with the level", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), (a, b) => {
        const [k, n] = [Math.min(a, b), Math.max(a, b, 1)];
        const [wide, narrow] = [clopperPearson(k, n, 0.99), clopperPearson(k, n, 0.9)];
        expect(wide.low <= narrow.low && narrow.low <= k / n && k / n <= narrow.high && narrow.high <= wide.high).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it.for([
    [3, 2, 0.95],
    [-1, 2, 0.95],
    [0.5, 2, 0.95],
    [0, 0, 0.95],
    [1, 2, 1],
  ])("refuses %d of %d at %d", ([k, n, level]) => {
    expect(() => clopperPearson(k!, n!, level)).toThrow(expect.objectContaining({ code: "math/bad-count" }) as Error);
  });
});

describe("the binomial test", () => {
  it.for([
    [9, 10, 0.5, "two-sided", 0.021484375],
    [3, 20, 0.3, "less", 0.10708680450373087],
    [3, 20, 0.3, "greater", 0.9645168677015313],
    [3, 20, 0.3, "two-sided", 0.22041826738070913],
    [12, 20, 0.3, "two-sided", 0.005936084198097523],
    [520, 1000, 0.5, "two-sided", 0.2174482932041415],
    [0, 50, 0.05, "two-sided", 0.18056178542085677],
    [2, 100, 0.1, "two-sided", 0.003923445517651256],
    [0, 5, 0, "two-sided", 1],
    [5, 5, 1, "two-sided", 1],
  ] as const)("of %d in %d against %d, %s, agrees with SciPy's", ([k, n, share, alternative, wanted]) => {
    near(binomialTest(k, n, { share, alternative }), wanted, 1e-9);
  });
});

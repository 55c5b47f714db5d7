import { crc32, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  barChart,
  formatNumber,
  imageTile,
  lineChart,
  plotStyle,
  responsive,
  shades,
  signedColours,
  smallMultiples,
  standalone,
} from "./index.ts";
import { encodePng } from "./png.ts";
import { signedColour } from "./tile.ts";
import { linearTicks, logTicks, niceRange } from "./ticks.ts";

const curve = {
  title: "robust accuracy by ε",
  x: { label: "ε" },
  y: { label: "accuracy", min: 0, max: 1, format: "percent" as const },
  series: [
    { label: "worst case", points: [0, 0.1, 0.3].map((x) => ({ x, y: 0.9 - 2 * x, low: 0.85 - 2 * x, high: 0.95 - 2 * x })) },
    { label: "clean", points: [0, 0.3].map((x) => ({ x, y: 0.98 })), marks: false },
  ],
  rules: [
    { label: "chance", y: 0.1 },
    { label: "asked", x: 0.1 },
  ],
};

/** Tags in order; fails unless what came out is a tree of elements whose attributes are all quoted and none a handler. */
function tags(svg: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  const wrong: string[] = [];
  for (const [tag, closing, name, rest] of svg.matchAll(/<(\/?)([a-zA-Z]+)([^<>]*)>/g)) {
    if (closing === "/") {
      if (open.pop() !== name) wrong.push(tag);
      continue;
    }
    seen.push(name!);
    const left = rest!.replace(/ (?!on)[a-zA-Z][\w:-]*="[^"]*"/g, "");
    if (left !== "" && left !== "/") wrong.push(tag);
    if (!rest!.endsWith("/")) open.push(name!);
  }
  expect([...wrong, ...open]).toEqual([]);
  return seen;
}

describe("pictures", () => {
  it("of a curve with a band, a rule at each axis and a legend stay as they are", async () => {
    await expect(`${standalone(lineChart(curve))}\n`).toMatchFileSnapshot("../../../test/golden/plot-line.svg");
  });

  it("of bars and of small multiples stay as they are", async () => {
    const bars = [
      { label: "pgd", value: 0.4, low: 0.35, high: 0.45 },
      { label: "square, 5,000 queries of it, over and over again", value: 0.52, colour: 2 },
    ];
    await expect(
      `${barChart({ title: "attacks", width: 340, bars, axis: { max: 1, format: "percent", label: "left" } })}\n`,
    ).toMatchFileSnapshot("../../../test/golden/plot-bars.svg");
    const panels = ["linf", "l2"].map((title) => ({ ...curve, title }));
    await expect(`${smallMultiples({ title: "norms", charts: panels })}\n`).toMatchFileSnapshot(
      "../../../test/golden/plot-multiples.svg",
    );
  });

  it("never turn a string from outside into markup, and break no tree", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom(
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "]]>",
        "&lt;",
        "</svg>",
        "\u0000\u202e",
        "'\"`",
      ),
    );
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 4, maxLength: 4 }), ([a, b, c, d]) => {
        const series = [
          { label: a!, points: [{ x: 0, y: 1 }] },
          { label: b!, points: [{ x: 1, y: 2 }] },
        ];
        const line = lineChart({ title: c!, x: { label: d! }, y: { label: a! }, series, rules: [{ label: b!, y: 1 }] });
        const bars = barChart({ title: a!, bars: [{ label: b!, value: 1 }], axis: { label: c! } });
        const known = new Set(["svg", "title", "g", "line", "path", "circle", "text", "rect", "image"]);
        for (const svg of [line, bars]) {
          expect(tags(svg).every((tag) => known.has(tag))).toBe(true);
          // oxlint-disable-next-line no-control-regex
          expect(svg).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
        }
      }),
      { numRuns: 20, examples: [[["<script>", "</svg><script>", "&", '" onload="x']]] },
    );
  });

  it("survive any numbers, and write none that is not one", () => {
    const any = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 5e-324, 1e300, -1e300));
    const point = fc.record({ x: any, y: any, low: any, high: any });
    const kind = fc.constantFrom("linear" as const, "log" as const);
    fc.assert(
      fc.property(fc.array(point, { maxLength: 5 }), kind, kind, (points, a, b) => {
        const svg = lineChart({ title: "t", x: { scale: a }, y: { scale: b }, series: [{ label: "s", points }] });
        tags(svg);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        expect(
          barChart({ title: "t", bars: points.map(({ x, low, high }) => ({ label: "b", value: x, low, high })) }),
        ).not.toMatch(/NaN|Infinity|undefined/);
      }),
    );
  });

  it("are the same bytes for the same input, and two of them share no id", () => {
    expect(lineChart(curve)).toBe(lineChart(structuredClone(curve)));
    expect(lineChart(curve)).not.toMatch(/\sid=/);
  });

  it("on a telephone keep their font as large as on a screen", () => {
    const both = responsive((width) => lineChart({ ...curve, width }));
    expect([...both.matchAll(/viewBox="0 0 (\d+) /g)].map(([, width]) => Number(width))).toEqual([720, 340]);
  });

  it("draw a lone point, and nothing across a gap", () => {
    const points = [1, Number.NaN, 3, 4].map((y, x) => ({ x, y }));
    const svg = lineChart({ title: "t", x: {}, y: {}, series: [{ label: "s", points, marks: false }] });
    expect(svg.match(/class="line"/g)).toHaveLength(2);
    expect(svg.match(/<circle/g)).toHaveLength(1);
  });
});

describe("axes", () => {
  it("are marked at few, round, ascending values within their ends", () => {
    const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(
        finite,
        fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
        fc.integer({ min: 3, max: 12 }),
        (low, span, wanted) => {
          fc.pre(Math.abs(low) / span < 1e6); // beyond that, neighbouring labels read the same
          const ticks = linearTicks(low, low + span, wanted);
          expect(ticks.length).toBeGreaterThan(0);
          expect(ticks.length).toBeLessThanOrEqual(2 * wanted + 1);
          ticks.forEach((tick, at) => at > 0 && expect(tick).toBeGreaterThan(ticks[at - 1]!));
          expect(ticks[0]!).toBeGreaterThanOrEqual(low - span * 1e-6);
          expect(ticks.at(-1)!).toBeLessThanOrEqual(low + span * (1 + 1e-6));
        },
      ),
    );
    expect(linearTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks(0, 0.3, 7)).toEqual([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]);
  });

  it("are marked at powers of ten when logarithmic, at 2 and 5 between when they are short", () => {
    expect(logTicks(1, 1000)).toEqual([1, 10, 100, 1000]);
    expect(logTicks(0.02, 2)).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
    expect(logTicks(1e-12, 1e12, 6).length).toBeLessThanOrEqual(7);
  });

  it("reach just past the data when nobody fixed them", () => {
    expect(niceRange(0.13, 0.97)).toEqual([0, 1]);
    expect(niceRange(5, 5)).toEqual([2, 8]);
  });

  it.each([320, 360, 640, 900])("end within the picture, the words of the last tick too, %d wide", (width) => {
    const points = [{ x: 0.8, y: 0.5 }];
    const drawn = lineChart({
      title: "t",
      width,
      x: { min: 0.8, max: 1, format: "percent" },
      y: {},
      series: [{ label: "s", points }],
    });
    const [, at] = /<text x="([\d.]+)"[^>]*>100 %</.exec(drawn)!;
    expect(Number(at) + ("100 %".length * 12 * 0.56) / 2).toBeLessThanOrEqual(width);
  });

  it("are labelled as people write numbers", () => {
    expect([0, 0.30000000000000004, 12_000, 2_500_000, -0.5, 1e-7, Number.NaN].map((value) => formatNumber(value))).toEqual([
      "0",
      "0.3",
      "12 k",
      "2.5 M",
      "−0.5",
      "1e−7",
      "–",
    ]);
    expect([0.25, 0.005, 1].map((value) => formatNumber(value, "percent"))).toEqual(["25 %", "0.5 %", "100 %"]);
  });
});

describe("tiles", () => {
  const planes = { channels: 1 as const, width: 2, height: 1, values: [0, 1] };

  it("are PNG images that any reader takes: signature, sizes, the pixels, and a checksum after each chunk", () => {
    const [, base64] = /base64,([^"]+)"/.exec(imageTile("two pixels", shades(planes, { min: 0, max: 1 })))!;
    const png = Buffer.from(base64!, "base64");
    expect(png.subarray(0, 8).toString("latin1")).toBe("\u0089PNG\r\n\u001a\n");
    const chunks = new Map<string, Buffer>();
    for (let at = 8; at < png.length;) {
      const length = png.readUInt32BE(at);
      const body = png.subarray(at + 4, at + 8 + length);
      expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body));
      chunks.set(body.subarray(0, 4).toString("latin1"), body.subarray(4));
      at += 12 + length;
    }
    expect([...chunks.keys()]).toEqual(["IHDR", "IDAT", "IEND"]);
    expect([...chunks.get("IHDR")!]).toEqual([0, 0, 0, 2, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    expect([...inflateSync(chunks.get("IDAT")!)]).toEqual([0, 0, 255]);
  });

  it("of any size are whole: more pixels than one stored block holds", () => {
    const large = shades({ channels: 3, width: 200, height: 150, values: new Float32Array(90_000).fill(1) }, { min: 0, max: 1 });
    const png = Buffer.from(encodePng(large));
    expect(inflateSync(png.subarray(41, 41 + png.readUInt32BE(33))).length).toBe(150 * 601);
  });

  it("of several channels interleave them, and cut what lies outside the range", () => {
    const colour = shades({ channels: 3, width: 1, height: 2, values: [0, 1, 0.5, 2, -1, Number.NaN] }, { min: 0, max: 1 });
    expect([...colour.samples]).toEqual([0, 128, 0, 255, 255, 0]);
  });

  it("show a sign as a hue and a size as darkness, alike on both sides", () => {
    const light = ([r, g, b]: readonly number[]): number => 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        for (const sign of [-1, 1])
          if (a < b) expect(light(signedColour(sign * a))).toBeGreaterThanOrEqual(light(signedColour(sign * b)) - 1);
      }),
    );
    expect(signedColour(0)).toEqual([247, 247, 247]);
    const [red, , blue] = signedColour(1);
    expect(red).toBeGreaterThan(blue);
    expect([...signedColours({ ...planes, values: [0, 0] }, 0).samples]).toEqual([247, 247, 247, 247, 247, 247]);
  });
});

describe("the style", () => {
  it("knows light, dark and print, and every class a picture names", () => {
    expect(plotStyle).toContain("prefers-color-scheme:dark");
    expect(plotStyle).toContain("@media print");
    const drawn = `${lineChart(curve)}${smallMultiples({ title: "m", charts: [curve] })}${barChart({ title: "b", bars: [{ label: "a", value: 1, low: 0, high: 2 }] })}`;
    const classes = new Set([...drawn.matchAll(/class="([^"]+)"/g)].flatMap(([, names]) => names!.split(" ")));
    const plain = ["solid", "key"]; // drawn as the text around them
    expect([...classes].filter((name) => !plain.includes(name) && !plotStyle.includes(`.${name}`))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { linksOf, marksOf } from "./look.ts";
import { visibleMail } from "./visible.ts";

describe("how a mail looks", () => {
  it.for([
    ["see http://Example.COM/a and https://b.example.org:8080/c", ["example.com", "b.example.org"]],
    ["http://www.bank.com@10.0.0.1/login", ["10.0.0.1"]],
    ["http:&#47;&#47;example&#46;com/", ["example.com"]],
    ["mailto:a@b.c, ftp://d.e, http://", []],
  ] as const)("names the hosts that links of %s lead to", ([text, hosts]) => expect(linksOf(text)).toEqual(hosts));

  it("looks at the first links alone", () => {
    expect(linksOf("http://a.b/ ".repeat(1000)).length).toBe(60);
  });

  it("says what a page is made of", () => {
    const page =
      '<form action=x><font color="red">Hi</font><a href="http://a.b">1</a><a href="http://a.c">2</a><img src="http://a.d/e"></form>';
    expect(marksOf(page)).toEqual(["html", "links 2", "remote 1", "font", "form", "coloured"]);
    expect(marksOf("plain")).toEqual(["html", "links 0", "remote 0"]);
  });

  it("is not told by what a page hides", () => {
    const hidden = '<p>Hello</p><div style="display:none"><form><a href="http://good.example/">x</a></form></div>';
    const shown = "<p>Hello</p>";
    const [a, b] = [hidden, shown].map((html) => visibleMail({ subject: "", text: "", html }));
    expect(a).toEqual(b);
  });

  it("has no marks without HTML", () => {
    expect(visibleMail({ subject: "", text: "see http://a.b/c", html: undefined })).toMatchObject({ links: ["a.b"], marks: [] });
  });
});

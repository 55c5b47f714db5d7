import { describe, expect, it } from "vitest";
import { createSeeded } from "../../../base/math/index.ts";
import { all } from "../../attack/mail/_all.ts";
import { foldConfusables } from "./confusables.ts";
import { visibleMail, visibleText } from "./visible.ts";

const mail = { subject: "Cheap watches", text: "Buy these excellent watches now, special price today", html: undefined };
const { body, subject } = visibleMail(mail);

describe("the visible text of a mail", () => {
  it.for(["homoglyphs", "invisible", "html-tricks"])("is the message again after %s", (id) => {
    const attack = all.find((one) => one.id === id)!;
    for (let seed = 0; seed < 20; seed++) {
      const changed = attack.change(mail, createSeeded(seed));
      expect(changed).toEqual(attack.change(mail, createSeeded(seed)));
      expect(changed).not.toEqual(mail);
      expect(visibleMail(changed)).toMatchObject({ subject, body });
    }
  });

  it("leaves words of other scripts as they are", () => {
    expect(foldConfusables("Привет мир")).toBe("Привет мир");
    expect(foldConfusables("рауmеnt")).toBe("payment");
    expect(visibleText("V I A G R A and a b")).toBe("VIAGRA and a b");
  });
});

import { defineMailAttack } from "./mail.ts";

/** What people write to each other about their work; none of it is out of a data set. */
const sentences = [
  "Thanks for the patch, I will review it tomorrow and commit it if the tests pass.",
  "The kernel module compiles here, but the init script fails when the network interface is down.",
  "I wrote about this on the list last week; see the archive for the thread.",
  "Has anyone tried the new version with the old configuration file?",
  "My guess is that the parser reads the header twice, so the second line is lost.",
  "On Friday we meet at the pub as usual, bring the router and the cables.",
  "The article says that the server was overloaded, which I doubt.",
  "You could use a regular expression there, or write a small script in Perl.",
  "I agree with Matthew, although the reason is not the one that he gives.",
  "Could you send me the output of the command and the version of the package?",
];

/** Ordinary sentences in plain sight, below the message. Lowd and Meek 2005, "Good word attacks on statistical spam filters". */
export const goodWords = defineMailAttack({
  id: "good-words",
  title: "Ordinary sentences below the message",
  references: ["atlas:AML.T0043", "Lowd and Meek, CEAS 2005"],
  change({ subject, text, html }, rng) {
    const added = Array.from({ length: 25 }, () => sentences[rng.below(sentences.length)]!).join(" ");
    return {
      subject,
      text: `${text}\n\n\n\n${added}\n`,
      html: html === undefined ? undefined : `${html}<br><br><br><p>${added}</p>`,
    };
  },
});

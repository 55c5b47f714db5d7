// Mails with pictures as the filter would see them, made without drawing or reading any: the filter learns from these what `attack.mjs` tests with
// pictures that are drawn and read. Neither the covers nor the pictures of the test are among them.

const pick = (rng, values) => values[rng.below(values.length)];
const split = (text) => text.split(/\s+/).filter((word) => word !== "" && word.length <= 40);

/** What a reader of pictures takes for something else. */
const misreadings = [
  ["l", "1"],
  ["O", "0"],
  ["rn", "m"],
  ["m", "rn"],
  ["I", "l"],
  ["cl", "d"],
  ["e", "c"],
  [".", ","],
  ["S", "5"],
  ["fi", "f"],
];

/** Words as they are read: of a hundred, one loses the space before it, and one or two have a letter taken for another. */
function misread(words, rng) {
  let out = "";
  for (const word of words) {
    const [from, to] = pick(rng, misreadings);
    out += (out === "" || rng.unit() < 0.01 ? "" : " ") + (rng.unit() < 0.1 ? word.replace(from, to) : word);
  }
  return out;
}

/** The message in a picture, below what another mail (of the same part of the data) begins with. */
export function messageInPicture(mail, other, rng) {
  const message = split(`${mail.subject} ${mail.body}`).slice(0, 40 + rng.below(100));
  const cover = split(other.body)
    .slice(0, pick(rng, [0, 6, 12, 20]))
    .join(" ");
  return pictured(
    { subject: other.subject, body: cover, links: [], marks: ["html", "links 0", "remote 0"] },
    misread(message, rng),
  );
}

/** The mail itself with a picture that says nothing, a name, or what the mail says anyway. */
export function withHarmlessPicture(mail, rng) {
  const kind = rng.below(10);
  if (kind < 5) return pictured(mail, "");
  if (kind < 8)
    return pictured(
      mail,
      pick(rng, ["Debian", "The Register", "Sun Valley Cycling Club", "Python", "Blue Door", "ITworld", "Red Hat Linux"]),
    );
  return pictured(mail, misread(split(`${mail.subject} ${mail.body}`).slice(0, 15 + rng.below(30)), rng));
}

const pictured = (mail, text) => ({ ...mail, body: `${mail.body}\n${text}`.trim(), pictures: [{ text }] });

# Makes golden_tokenizers.json: small tokenisers of PyPI `tokenizers` with what they make of texts. Run by hand:
#   pip install tokenizers==0.23.3 && python golden_tokenizers.py > golden_tokenizers.json
import json, sys
import tokenizers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

corpus = ["The quick brown fox jumps over the lazy dog, doesn't it?", "Buy now! 100% free offers, cheap watches & more...", "Grüße aus München: schöne Größe, naïve café", "Tokens are pieces of words; words are pieces of sentences.", "I'll say we've been there, they'd said 'hello' to us"] * 3
texts = corpus[:5] + ["", " ", "  two  spaces ", "Unbelievable!!! v1agra", "日本語 text 混ざる", "emoji 👍🏽 ok", "a\tb\nc\r\n\nd", "ÀÉÎÕÜ ß ﬁ", "x" * 130, "zero\u200bwidth\u00ad and nbsp\u00a0here", "don't can't I'm you're 'S", "$1,000.50 + (2_3) [a]{b}~`^|", "Привет мир", "e\u0301 combining"]
special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
found = []
def add(name, tok):
    found.append({"name": name, "file": tok.to_str(), "ids": [tok.encode(t).ids for t in texts]})

for lower in [True, False]:
    tok = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tok.normalizer = normalizers.BertNormalizer(lowercase=lower)
    tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tok.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=200, special_tokens=special))
    tok.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", tok.token_to_id("[CLS]")), ("[SEP]", tok.token_to_id("[SEP]"))])
    add(f"WordPiece, lowercase {lower}", tok)
    if lower: vocab = "\n".join(k for k, _ in sorted(tok.get_vocab().items(), key=lambda kv: kv[1])) + "\n"
for prefix in [True, False]:
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    tok.post_processor = processors.ByteLevel(trim_offsets=True)
    tok.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=400, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    add(f"byte-level BPE, prefix space {prefix}", tok)
tok = Tokenizer(models.BPE(unk_token="[UNK]"))
tok.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
tok.pre_tokenizer = pre_tokenizers.Whitespace()
tok.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=150, special_tokens=special))
add("BPE of letters, NFKC", tok)
json.dump({"tokenizers": tokenizers.__version__, "texts": texts, "vocab": vocab, "cases": found}, sys.stdout, ensure_ascii=False, separators=(",", ":"))

// Verifies a Modelkeep audit log with nothing of Modelkeep: the notes and the Merkle tree are those of Go's own
// checksum database (golang.org/x/mod/sumdb). Prints one JSON object; any failure is an error on stderr and exit code 1.
//
//	audit-verify -log DIR -key FILE [-proof FILE -entry FILE]... [-old FILE -consistency FILE]
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type files []string

func (f *files) String() string         { return strings.Join(*f, ",") }
func (f *files) Set(value string) error { *f = append(*f, value); return nil }

func main() {
	var proofs, entries files
	log := flag.String("log", "", "folder with checkpoint and tile/")
	keyFile := flag.String("key", "", "file with the log's verifier key")
	old := flag.String("old", "", "an older checkpoint")
	consistency := flag.String("consistency", "", "base64 hashes, one a line: the log now appends to the older checkpoint")
	flag.Var(&proofs, "proof", "a tlog-proof file; as many -entry as -proof")
	flag.Var(&entries, "entry", "the entry that the proof is about")
	flag.Parse()
	result, err := verify(*log, *keyFile, proofs, entries, *old, *consistency)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(result)
}

func verify(log, keyFile string, proofs, entries []string, old, consistency string) (map[string]any, error) {
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	signed, err := os.ReadFile(filepath.Join(log, "checkpoint"))
	if err != nil {
		return nil, err
	}
	tree, err := open(signed, verifier)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	root, err := rebuild(log, tree.N)
	if err != nil {
		return nil, err
	}
	if root != tree.Hash {
		return nil, fmt.Errorf("the entries make root %v, the checkpoint signs %v", root, tree.Hash)
	}
	if err := readTiles(log, tree); err != nil {
		return nil, err
	}
	if len(proofs) != len(entries) {
		return nil, errors.New("as many -entry as -proof")
	}
	for i := range proofs {
		if err := checkProof(proofs[i], entries[i], verifier); err != nil {
			return nil, fmt.Errorf("%s: %w", proofs[i], err)
		}
	}
	if old != "" {
		if err := checkConsistency(old, consistency, tree, verifier); err != nil {
			return nil, err
		}
	}
	return map[string]any{"origin": verifier.Name(), "size": tree.N, "root": tree.Hash.String(), "proofs": len(proofs)}, nil
}

// open verifies a checkpoint: its signature, and that it is of the log that the key names.
func open(signed []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

// rebuild hashes every entry of every bundle into a tree of its own.
func rebuild(log string, size int64) (tlog.Hash, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for n := int64(0); n < size; {
		width := min(256, size-n)
		bundle, err := os.ReadFile(filepath.Join(log, "tile", "entries", tilePath(n/256, width)))
		if err != nil {
			return tlog.Hash{}, err
		}
		for ; width > 0; width, n = width-1, n+1 {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return tlog.Hash{}, fmt.Errorf("bundle %d ends before entry %d", n/256, n)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			hashes, err := tlog.StoredHashes(n, bundle[2:end], reader)
			if err != nil {
				return tlog.Hash{}, err
			}
			stored = append(stored, hashes...)
			bundle = bundle[end:]
		}
		if len(bundle) != 0 {
			return tlog.Hash{}, fmt.Errorf("bundle before entry %d goes on behind its end", n)
		}
	}
	return tlog.TreeHash(size, reader)
}

// readTiles reads every leaf hash through the log's tiles; Go's reader checks each tile against the root.
func readTiles(log string, tree tlog.Tree) error {
	if tree.N == 0 {
		return nil
	}
	reader := tlog.TileHashReader(tree, &tiles{log})
	for n := int64(0); n < tree.N; n++ {
		if _, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, n)}); err != nil {
			return fmt.Errorf("tiles: leaf %d: %w", n, err)
		}
		if n > 1024 {
			n += 250 // a leaf of each further tile is enough: the tile is checked as a whole
		}
	}
	return nil
}

type tiles struct{ log string }

func (t *tiles) Height() int { return 8 }

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(wanted))
	for i, tile := range wanted {
		path := filepath.Join(t.log, "tile", strconv.Itoa(tile.L), tilePath(tile.N, int64(tile.W)))
		bytes, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		data[i] = bytes
	}
	return data, nil
}

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// tilePath is the path of c2sp.org/tlog-tiles, which differs from Go's own by the tile height.
func tilePath(index, width int64) string {
	path := fmt.Sprintf("%03d", index%1000)
	for index /= 1000; index > 0; index /= 1000 {
		path = fmt.Sprintf("x%03d/%s", index%1000, path)
	}
	if width < 256 {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

// checkProof verifies a c2sp.org/tlog-proof file about an entry.
func checkProof(proofFile, entryFile string, verifier note.Verifier) error {
	text, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof file")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := open([]byte(checkpoint), verifier)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// checkConsistency verifies that the tree only appends to what an older checkpoint signed.
func checkConsistency(oldFile, proofFile string, tree tlog.Tree, verifier note.Verifier) error {
	signed, err := os.ReadFile(oldFile)
	if err != nil {
		return err
	}
	old, err := open(signed, verifier)
	if err != nil {
		return fmt.Errorf("older checkpoint: %w", err)
	}
	text, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	var proof tlog.TreeProof
	for _, line := range strings.Fields(string(text)) {
		bytes, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(bytes) != tlog.HashSize {
			return errors.New("the consistency proof has a line that is no hash")
		}
		proof = append(proof, tlog.Hash(bytes))
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

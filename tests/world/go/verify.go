// Checks a log of Chatwarden with Go's own libraries of its checksum database, golang.org/x/mod/sumdb/{note,tlog}: the
// arithmetic and the signatures are theirs, this file only says where c2sp.org/tlog-tiles puts the files.
//
//	verify log VKEY FOLDER [OLD-CHECKPOINT]   every entry is in the signed tree; the tree continues the older one
//	verify proof VKEY PROOF ENTRY             a tlog-proof proves this entry
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	var err error
	args := os.Args[1:]
	switch {
	case len(args) >= 3 && args[0] == "log":
		err = checkLog(args[1], args[2], args[3:])
	case len(args) == 4 && args[0] == "proof":
		err = checkProof(args[1], args[2], args[3])
	default:
		err = fmt.Errorf("usage: verify log VKEY FOLDER [OLD] | verify proof VKEY PROOF ENTRY")
	}
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}

// opened is a checkpoint whose signature by the log is right.
func opened(vkey string, data []byte) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// files reads tiles of height 8 from a folder.
type files struct{ folder string }

func (f files) Height() int                       { return height }
func (f files) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		// Go writes the height into the path, C2SP does not.
		path := "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
		data, err := os.ReadFile(filepath.Join(f.folder, path))
		if os.IsNotExist(err) && tile.W < 1<<height {
			data, err = os.ReadFile(filepath.Join(f.folder, strings.Split(path, ".p/")[0]))
		}
		if err != nil {
			return nil, err
		}
		if len(data) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s is too short", path)
		}
		found = append(found, data[:tile.W*tlog.HashSize])
	}
	return found, nil
}

// entries reads a bundle: a length of 16 bits before each entry.
func (f files) entries(size int64) ([][]byte, error) {
	var found [][]byte
	for n := int64(0); n*256 < size; n++ {
		width := int(size - n*256)
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: height, L: -1, N: n, W: width}
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/data", height), "tile/entries", 1)
		data, err := os.ReadFile(filepath.Join(f.folder, path))
		if os.IsNotExist(err) {
			data, err = os.ReadFile(filepath.Join(f.folder, strings.Split(path, ".p/")[0]))
		}
		if err != nil {
			return nil, err
		}
		for i := 0; i < width; i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s ends too early", path)
			}
			length := int(binary.BigEndian.Uint16(data))
			found = append(found, data[2:2+length])
			data = data[2+length:]
		}
	}
	return found, nil
}

func checkLog(vkey, folder string, old []string) error {
	data, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := opened(vkey, data)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, files{folder})
	entries, err := files{folder}.entries(tree.N)
	if err != nil {
		return err
	}
	// Every entry is the leaf at its place in a tile that leads to the signed root: the reader checks tiles by that root.
	for begin := 0; begin < len(entries); begin += 1 << height {
		var indices []int64
		for n := begin; n < len(entries) && n < begin+1<<height; n++ {
			indices = append(indices, tlog.StoredHashIndex(0, int64(n)))
		}
		hashes, err := reader.ReadHashes(indices)
		if err != nil {
			return fmt.Errorf("entries from %d: %v", begin, err)
		}
		for i, hash := range hashes {
			if hash != tlog.RecordHash(entries[begin+i]) {
				return fmt.Errorf("entry %d is not in the tree", begin+i)
			}
		}
	}
	// Some of them by a proof besides, as an auditor gets it.
	for n := 0; n < len(entries); n += 1 + len(entries)/50 {
		proof, err := tlog.ProveRecord(tree.N, int64(n), reader)
		if err != nil {
			return fmt.Errorf("entry %d: %v", n, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), tlog.RecordHash(entries[n])); err != nil {
			return fmt.Errorf("entry %d: %v", n, err)
		}
	}
	for _, name := range old {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		before, err := opened(vkey, data)
		if err != nil {
			return err
		}
		if before.N > tree.N {
			return fmt.Errorf("the log has %d entries and had %d", tree.N, before.N)
		}
		proof, err := tlog.ProveTree(tree.N, before.N, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash); err != nil {
			return fmt.Errorf("the log does not continue the older checkpoint: %v", err)
		}
	}
	fmt.Printf("verified %d entries, root %s\n", tree.N, tree.Hash)
	return nil
}

func checkProof(vkey, proofFile, entryFile string) error {
	data, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	parts := strings.SplitN(string(data), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return fmt.Errorf("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return fmt.Errorf("not a hash: %s", line)
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		proof = append(proof, hash)
	}
	tree, err := opened(vkey, []byte(parts[1]))
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("proved entry %d of %d\n", index, tree.N)
	return nil
}

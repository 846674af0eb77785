// A witness as c2sp.org/tlog-witness wants it, for tests: it checks signatures and consistency with Go's own libraries.
//
//	witness STATE-FOLDER SEED(hex) NAME LOG-VKEY PORT   prints "listening ADDRESS VKEY"
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type witness struct {
	sync.Mutex
	state    string
	name     string
	key      ed25519.PrivateKey
	verifier note.Verifier
}

// latest is the checkpoint cosigned last; nothing was, at size 0.
func (w *witness) latest() tlog.Tree {
	data, err := os.ReadFile(w.state)
	if err != nil {
		return tlog.Tree{}
	}
	fields := strings.Fields(string(data))
	size, _ := strconv.ParseInt(fields[0], 10, 64)
	hash, _ := tlog.ParseHash(fields[1])
	return tlog.Tree{N: size, Hash: hash}
}

func (w *witness) keyID() []byte {
	material := append([]byte(w.name+"\n\x04"), w.key.Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256(material)
	return sum[:4]
}

func (w *witness) vkey() string {
	material := append([]byte{4}, w.key.Public().(ed25519.PublicKey)...)
	return fmt.Sprintf("%s+%x+%s", w.name, w.keyID(), base64.StdEncoding.EncodeToString(material))
}

func (w *witness) cosign(text string) string {
	now := time.Now().Unix()
	signature := ed25519.Sign(w.key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", now, text)))
	raw := append([]byte{}, w.keyID()...)
	raw = binary.BigEndian.AppendUint64(raw, uint64(now))
	raw = append(raw, signature...)
	return fmt.Sprintf("\u2014 %s %s\n", w.name, base64.StdEncoding.EncodeToString(raw))
}

func (w *witness) ServeHTTP(out http.ResponseWriter, request *http.Request) {
	w.Lock()
	defer w.Unlock()
	body, err := io.ReadAll(io.LimitReader(request.Body, 65536))
	parts := strings.SplitN(string(body), "\n\n", 2)
	if request.Method != "POST" || request.URL.Path != "/add-checkpoint" || err != nil || len(parts) != 2 {
		http.Error(out, "not a checkpoint", http.StatusBadRequest)
		return
	}
	signed, err := note.Open([]byte(parts[1]), note.VerifierList(w.verifier))
	if err != nil {
		http.Error(out, err.Error(), http.StatusForbidden)
		return
	}
	lines := strings.Split(signed.Text, "\n")
	if lines[0] != w.verifier.Name() {
		http.Error(out, "unknown log", http.StatusNotFound)
		return
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := tlog.ParseHash(lines[2])
	head := strings.Split(parts[0], "\n")
	old, err3 := strconv.ParseInt(strings.TrimPrefix(head[0], "old "), 10, 64)
	if err != nil || err2 != nil || err3 != nil || old > size {
		http.Error(out, "not a request", http.StatusBadRequest)
		return
	}
	last := w.latest()
	if old != last.N || (old == size && old > 0 && root != last.Hash) {
		out.Header().Set("Content-Type", "text/x.tlog.size")
		out.WriteHeader(http.StatusConflict)
		fmt.Fprintf(out, "%d\n", last.N)
		return
	}
	var proof tlog.TreeProof
	for _, line := range head[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			http.Error(out, "not a hash", http.StatusBadRequest)
			return
		}
		proof = append(proof, hash)
	}
	if old > 0 && old < size {
		err = tlog.CheckTree(proof, size, root, old, last.Hash)
	} else if len(proof) > 0 {
		err = fmt.Errorf("a proof from nothing")
	}
	if err != nil {
		http.Error(out, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	if os.WriteFile(w.state, []byte(fmt.Sprintf("%d %s\n", size, root)), 0o600) != nil {
		http.Error(out, "cannot remember", http.StatusInternalServerError)
		return
	}
	io.WriteString(out, w.cosign(signed.Text))
}

func main() {
	seed, _ := hex.DecodeString(os.Args[2])
	verifier, err := note.NewVerifier(os.Args[4])
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[5])
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	w := &witness{
		state: filepath.Join(os.Args[1], "latest"), name: os.Args[3],
		key: ed25519.NewKeyFromSeed(seed), verifier: verifier,
	}
	fmt.Printf("listening %s %s\n", listener.Addr(), w.vkey())
	http.Serve(listener, w)
}

package merkle

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a signed tree head, in text the checkpoint of C2SP:
//
//	exchange.example/shard/1                              origin: the signer's name
//	20852163                                              number of leaves
//	CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=          root
//
//	— exchange.example/shard/1 Az3grlgtzPICa5OS8npV…      signature
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
	Note   []byte // the signed text
}

// ErrCheckpoint is wrapped by every error about a text that is not a checkpoint.
var ErrCheckpoint = errors.New("not a checkpoint")

// Sign makes the checkpoint of a tree head. Its origin is the signer's name.
func Sign(size int64, root Hash, signer note.Signer) (Checkpoint, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, root)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("sign checkpoint of size %d: %w", size, err)
	}
	return Checkpoint{Origin: signer.Name(), Size: size, Root: root, Note: signed}, nil
}

// ParseCheckpoint reads a checkpoint without looking at its signatures. Lines after the root are allowed, as C2SP
// has it. The result aliases signed.
func ParseCheckpoint(signed []byte) (Checkpoint, error) {
	if bytes.ContainsFunc(signed, func(c rune) bool { return c < ' ' && c != '\n' }) {
		return Checkpoint{}, fmt.Errorf("%w: control characters", ErrCheckpoint)
	}
	text, signatures, found := bytes.Cut(signed, []byte("\n\n"))
	if !found || !bytes.HasPrefix(signatures, []byte("— ")) {
		return Checkpoint{}, fmt.Errorf("%w: no signature", ErrCheckpoint)
	}
	lines := strings.SplitN(string(text), "\n", 4)
	if len(lines) < 3 || lines[0] == "" {
		return Checkpoint{}, fmt.Errorf("%w: %d lines", ErrCheckpoint, len(lines))
	}
	size, err := parseSize(lines[1])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: size: %w", ErrCheckpoint, err)
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: root: %w", ErrCheckpoint, err)
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root, Note: signed}, nil
}

// OpenCheckpoint reads a checkpoint and refuses it unless it bears the verifier's signature and name.
func OpenCheckpoint(signed []byte, verifier note.Verifier) (Checkpoint, error) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	for _, s := range opened.Sigs {
		// Package note accepts any padding bits; here one signature has one text.
		if _, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil {
			return Checkpoint{}, fmt.Errorf("%w: signature: %w", ErrCheckpoint, err)
		}
	}
	c, err := ParseCheckpoint(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != verifier.Name() {
		return Checkpoint{}, fmt.Errorf("%w of %s: its origin is %s", ErrCheckpoint, verifier.Name(), c.Origin)
	}
	return c, nil
}

// parseSize reads a decimal number as it is written by fmt: no sign, no leading zeros.
func parseSize(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, err
	}
	if n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("%q is not a plain number", s)
	}
	return n, nil
}

// parseHash reads a hash as it is written by Hash.String, so that one hash has one text.
func parseHash(s string) (Hash, error) {
	h, err := tlog.ParseHash(s)
	if err != nil {
		return Hash{}, err
	}
	if h.String() != s {
		return Hash{}, fmt.Errorf("%q is not how a hash is written", s)
	}
	return h, nil
}

package merkle

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Proof shows that an event is in the tree that a checkpoint signs. In text it is C2SP's tlog-proof, whose extra line
// holds the event:
//
//	c2sp.org/tlog-proof@v1
//	extra WgABAQAAAAA…                                    the event
//	index 73893                                           Seq − 1
//	gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=          the audit path, from the leaf's sibling up
//	B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
//
//	exchange.example/shard/1                              the checkpoint
//	109482
//	sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=
//
//	— exchange.example/shard/1 hI2DJw…
type Proof struct {
	Seq        uint64
	Event      []byte
	Path       tlog.RecordProof
	Checkpoint Checkpoint
}

// ErrProof is wrapped by every error about a text that is not a proof, or one that proves nothing.
var ErrProof = errors.New("not a proof")

const proofHeading = "c2sp.org/tlog-proof@v1"

// Prove makes the proof for a Seq under a checkpoint and checks it, so that a damaged store yields an error and
// never a proof that fails elsewhere.
func Prove(store Store, c Checkpoint, seq uint64) (Proof, error) {
	leaf := int64(seq) - 1
	path, err := tlog.ProveRecord(c.Size, leaf, &hashes{store: store, size: c.Size})
	if err != nil {
		return Proof{}, fmt.Errorf("prove event %d in a tree of %d: %w", seq, c.Size, err)
	}
	p := Proof{Seq: seq, Path: path, Checkpoint: c}
	err = store.Events(leaf, leaf+1, func(event []byte) { p.Event = append([]byte{}, event...) })
	if err != nil {
		return Proof{}, fmt.Errorf("read event %d: %w", seq, err)
	}
	if err := p.check(); err != nil {
		return Proof{}, fmt.Errorf("the stored tree contradicts the checkpoint of size %d: %w", c.Size, err)
	}
	return p, nil
}

func (p Proof) check() error {
	err := tlog.CheckRecord(p.Path, p.Checkpoint.Size, p.Checkpoint.Root, int64(p.Seq)-1, tlog.RecordHash(p.Event))
	if err != nil {
		return fmt.Errorf("%w of event %d: %w", ErrProof, p.Seq, err)
	}
	return nil
}

// Text is the proof as a file.
func (p Proof) Text() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHeading, base64.StdEncoding.EncodeToString(p.Event), p.Seq-1)
	for _, h := range p.Path {
		fmt.Fprintf(&b, "%s\n", h)
	}
	b.WriteString("\n")
	b.Write(p.Checkpoint.Note)
	return []byte(b.String())
}

// VerifyInclusion reads a proof file and checks it against nothing but a public key: the checkpoint bears the
// verifier's signature, and the path leads from the event to its root. The caller still has to look into the event.
func VerifyInclusion(file []byte, verifier note.Verifier) (Proof, error) {
	head, signed, found := strings.Cut(string(file), "\n\n")
	if !found {
		return Proof{}, fmt.Errorf("%w: no checkpoint", ErrProof)
	}
	p, err := parsePath(strings.Split(head, "\n"))
	if err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	if p.Checkpoint, err = OpenCheckpoint([]byte(signed), verifier); err != nil {
		return Proof{}, err
	}
	if err := p.check(); err != nil {
		return Proof{}, err
	}
	return p, nil
}

// parsePath reads the lines before the checkpoint.
func parsePath(lines []string) (Proof, error) {
	if len(lines) < 3 || lines[0] != proofHeading {
		return Proof{}, fmt.Errorf("it does not begin with %s, extra and index", proofHeading)
	}
	extra, hasExtra := strings.CutPrefix(lines[1], "extra ")
	index, hasIndex := strings.CutPrefix(lines[2], "index ")
	if !hasExtra || !hasIndex {
		return Proof{}, errors.New("no line of extra data (the event) or of index")
	}
	event, err := base64.StdEncoding.Strict().DecodeString(extra)
	if err != nil {
		return Proof{}, fmt.Errorf("extra data: %w", err)
	}
	leaf, err := parseSize(index)
	if err != nil {
		return Proof{}, fmt.Errorf("index: %w", err)
	}
	p := Proof{Seq: uint64(leaf) + 1, Event: event}
	for i, line := range lines[3:] {
		h, err := parseHash(line)
		if err != nil {
			return Proof{}, fmt.Errorf("hash %d of the path: %w", i+1, err)
		}
		p.Path = append(p.Path, h)
	}
	return p, nil
}

// ProveConsistency makes the proof that the tree of the newer size begins with all leaves of the older one
// (1 ≤ older ≤ newer ≤ size of the store).
func ProveConsistency(store Store, older, newer int64) (tlog.TreeProof, error) {
	p, err := tlog.ProveTree(newer, older, &hashes{store: store, size: newer})
	if err != nil {
		return nil, fmt.Errorf("prove that the tree of %d extends that of %d: %w", newer, older, err)
	}
	return p, nil
}

// VerifyConsistency checks that the newer checkpoint's tree extends the older one's. Their signatures are not looked
// at; see OpenCheckpoint.
func VerifyConsistency(older, newer Checkpoint, p tlog.TreeProof) error {
	if err := tlog.CheckTree(p, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return fmt.Errorf("checkpoint of size %d does not extend that of %d: %w", newer.Size, older.Size, err)
	}
	return nil
}

package journal

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/hustings/hustings/journal/merkle"
)

// Checkpoint is a signed head of the hash tree; Proof shows that an event is below one. Whoever has a proof and the
// public key needs merkle.VerifyInclusion only.
type (
	Checkpoint = merkle.Checkpoint
	Proof      = merkle.Proof
)

// ErrNoCheckpoint says that no checkpoint covers an event yet.
var ErrNoCheckpoint = errors.New("no checkpoint covers it")

// checkpointFile is the file of all checkpoints: each followed by an empty line, sizes ascending.
type checkpointFile struct {
	signing sync.Mutex // held by Checkpoint
	size    int64      // of the file

	mu     sync.Mutex
	latest *Checkpoint
}

// Checkpoint makes everything durable that is in the journal, signs the head of its hash tree and keeps the result.
// If nothing was appended since the latest one it returns that one.
func (j *Journal) Checkpoint(signer note.Signer) (Checkpoint, error) {
	f := &j.checkpoints
	f.signing.Lock()
	defer f.signing.Unlock()
	size, root := j.head()
	if latest, found := j.Latest(); found && size <= latest.Size {
		if size < latest.Size {
			return Checkpoint{}, fmt.Errorf("the journal ends at event %d, before its checkpoint of %d", size, latest.Size)
		}
		return latest, nil
	}
	if err := j.Sync(); err != nil {
		return Checkpoint{}, err
	}
	c, err := merkle.Sign(size, root, signer)
	if err != nil {
		return Checkpoint{}, err
	}
	if err := j.keep(c); err != nil {
		return Checkpoint{}, j.fail(fmt.Errorf("write %s: %w", j.path(checkpointsName), err))
	}
	return c, nil
}

func (j *Journal) head() (size int64, root Hash) {
	j.write.Lock()
	defer j.write.Unlock()
	return j.builder.tree.Size(), j.builder.tree.Root()
}

// keep appends a checkpoint to the file, durably.
func (j *Journal) keep(c Checkpoint) error {
	f := &j.checkpoints
	open := j.fs.OpenReadWrite
	if f.size == 0 {
		open = j.fs.Create
	}
	file, err := open(j.path(checkpointsName))
	if err != nil {
		return err
	}
	text := append(bytes.Clone(c.Note), '\n')
	_, err = file.WriteAt(text, f.size)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil && f.size == 0 {
		err = j.fs.SyncDir(j.dir)
	}
	if err != nil {
		return err
	}
	f.size += int64(len(text))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.latest = &c
	return nil
}

// Latest returns the latest checkpoint if there is one.
func (j *Journal) Latest() (Checkpoint, bool) {
	f := &j.checkpoints
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.latest == nil {
		return Checkpoint{}, false
	}
	return *f.latest, true
}

// Prove proves that an event is under the latest checkpoint. Its error wraps ErrNoCheckpoint if it is younger.
func (j *Journal) Prove(seq uint64) (Proof, error) {
	latest, found := j.Latest()
	if !found || seq == 0 || seq > uint64(latest.Size) {
		return Proof{}, fmt.Errorf("event %d: %w", seq, ErrNoCheckpoint)
	}
	return merkle.Prove(j.store(), latest, seq)
}

// ProveConsistency proves that the tree of the newer checkpoint, given by their sizes, extends that of the older one.
// merkle.VerifyConsistency checks it.
func (j *Journal) ProveConsistency(older, newer int64) (tlog.TreeProof, error) {
	if last := j.Last().Seq; uint64(newer) > min(last, math.MaxInt64) {
		return nil, fmt.Errorf("a tree of %d events is wanted and there are %d", newer, last)
	}
	return merkle.ProveConsistency(j.store(), older, newer)
}

// keepPromise checks the events up to a checkpoint whose events were lost and have now been derived again.
func (j *Journal) keepPromise() error {
	p := j.promise
	if p == nil || j.tip.Seq < uint64(p.Size) {
		return nil
	}
	j.promise = nil
	if j.tip.Seq == uint64(p.Size) && j.builder.tree.Root() == p.Root {
		return nil
	}
	return &Divergence{Seq: uint64(p.Size), What: "the events up to it are not those that were signed"}
}

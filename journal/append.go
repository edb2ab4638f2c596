package journal

import (
	"fmt"

	"github.com/hustings/hustings/journal/index"
	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/vfs"
)

// Append adds a record, which readers see at once; a file has it when its block is full, a segment ends or Sync is
// called. A record without events is passed over. The record's bytes may be used again after the call.
//
// A record that does not follow the last one is refused and changes nothing. Every other error is final: *Divergence
// if the journal had been signed with other events, or what a disk said.
func (j *Journal) Append(r Record) error {
	if r.Count == 0 && len(r.Events) == 0 {
		return nil
	}
	j.write.Lock()
	defer j.write.Unlock()
	if err := j.usable(); err != nil {
		return err
	}
	if err := follows(j.tip, r); err != nil {
		return err
	}
	if err := j.add(r); err != nil {
		return j.fail(err)
	}
	j.waiting.wake()
	return nil
}

// follows says why a record cannot be the next one.
func follows(tip Tip, r Record) error {
	switch {
	case r.FirstSeq != tip.Seq+1:
		return fmt.Errorf("a record begins with Seq %d after Seq %d", r.FirstSeq, tip.Seq)
	case r.Index <= tip.Index && tip.Seq > 0:
		return fmt.Errorf("the record of Seq %d has log index %d after %d", r.FirstSeq, r.Index, tip.Index)
	case r.Time < tip.Time && tip.Seq > 0:
		return fmt.Errorf("the record of Seq %d has log time %d after %d", r.FirstSeq, r.Time, tip.Time)
	case r.size() > MaxRecordBytes:
		return fmt.Errorf("the record of Seq %d has %d bytes of at most %d", r.FirstSeq, r.size(), MaxRecordBytes)
	}
	if err := r.checkEvents(); err != nil {
		return fmt.Errorf("the record of Seq %d is malformed: %w", r.FirstSeq, err)
	}
	return nil
}

// add puts a record that follows the last one into the tail, its index and the tree.
func (j *Journal) add(r Record) error {
	n := r.size()
	if j.active == nil || j.active.span.Size > segmentHead && j.active.span.Size+int64(n) > j.opts.SegmentBytes {
		if err := j.nextSegment(r.FirstSeq); err != nil {
			return err
		}
	}
	b, err := j.room(n)
	if err != nil {
		return err
	}
	chain := r.put(b, j.tip.Chain)
	offset := j.active.span.Size
	j.builder.add(j.memory, offset, r)
	j.publish(r, chain, n)
	return j.keepPromise()
}

// room returns n bytes of the tail, behind the last record. Before it turns to another block it writes the one it has.
func (j *Journal) room(n int) ([]byte, error) {
	if b := j.tail.room(n); b != nil && j.tail.last().segment == j.active {
		return b, nil
	}
	if err := j.flush(); err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tail.turn(j.active, j.active.span.Size, n)
	return j.tail.room(n), nil
}

// publish shows the record that was put into the tail to readers.
func (j *Journal) publish(r Record, chain [32]byte, n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.active
	if s.span.LastSeq == 0 {
		j.segments = append(j.segments, s)
	}
	extend(&s.span, r, chain, s.span.Size+int64(n))
	j.tail.publish(n)
	j.tip = Tip{Index: r.Index, Seq: r.LastSeq(), Time: r.Time, Chain: chain}
}

// flush writes what the active segment's file does not have.
func (j *Journal) flush() error {
	s := j.active
	if s == nil || s.flushed == s.span.Size {
		return nil
	}
	b := j.tail.last()
	if _, err := j.file.WriteAt(b.bytes[s.flushed-b.at:], s.flushed); err != nil {
		return fmt.Errorf("write %s: %w", j.path(activeName(s.firstSeq)), err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	s.flushed = s.span.Size
	return nil
}

// nextSegment begins a segment, and has the one before it sealed in the background. At most one is being sealed.
func (j *Journal) nextSegment(firstSeq uint64) error {
	if before := j.active; before != nil {
		if err := j.flush(); err != nil {
			return err
		}
		<-j.sealing
		if err := j.usable(); err != nil {
			return err
		}
		j.sealing = make(chan struct{})
		go j.sealInBackground(before, j.memory, j.file, j.sealing)
		j.active, j.file = nil, nil
	}
	header := segmentHeader{
		shard: j.opts.Shard, number: uint64(len(j.segments)) + 1, firstSeq: firstSeq, before: j.tip.Chain,
	}
	path := j.path(activeName(firstSeq))
	file, err := j.fs.Create(path)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	if _, err := file.WriteAt(header.bytes(), 0); err != nil {
		file.Close()
		return fmt.Errorf("write header of %s: %w", path, err)
	}
	return j.activate(newSegment(header), file, index.NewMemory(firstSeq, j.memory))
}

func newSegment(h segmentHeader) *segment {
	return &segment{
		number: h.number, firstSeq: h.firstSeq, firstNode: merkle.NodesBefore(int64(h.firstSeq) - 1),
		span:    index.Span{Shard: h.shard, Number: h.number, Size: segmentHead},
		flushed: segmentHead,
	}
}

// activate makes a segment the one that grows. Its file is opened a second time, for readers and Sync, so that they
// need not wait for the writer.
func (j *Journal) activate(s *segment, file vfs.File, memory *index.Memory) error {
	path := j.path(activeName(s.firstSeq))
	second, err := j.fs.OpenReadWrite(path)
	if err != nil {
		file.Close()
		return fmt.Errorf("open %s: %w", path, err)
	}
	j.files.hold(fileID{segment: s.number}, second)
	s.find = memory
	j.active, j.file, j.memory, j.newName = s, file, memory, true
	return nil
}

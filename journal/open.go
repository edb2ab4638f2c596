package journal

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/hustings/hustings/journal/index"
	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/vfs"
)

// Recovery tells what Open found and mended.
type Recovery struct {
	Cut            *Corruption // where the journal was cut and why; nil if it was whole
	CutBytes       int64       // how much was cut of that file
	CutCheckpoint  *Corruption // where a torn checkpoint was cut off; nil if none was
	Removed        []string    // files behind the cut, unfinished ones and indexes without a segment
	RebuiltIndexes []string
}

// maxOpenFiles is how many files of sealed segments and indexes are kept open.
const maxOpenFiles = 256

// Open opens the journal in a directory, which it makes if need be and which nobody else may use. It reads the
// segments that are not sealed whole and checks them; of the sealed ones it looks at size and index only (see Verify).
func Open(fsys vfs.FS, dir string, o Options) (*Journal, Recovery, error) {
	o = o.withDefaults()
	j := &Journal{
		fs: fsys, dir: dir, opts: o,
		files:   newFiles(fsys, maxOpenFiles),
		cache:   index.NewCache(o.IndexPages),
		builder: builder{tree: &merkle.Tree{}, indexer: o.Indexer},
		sealing: make(chan struct{}),
		tail:    newTail(o.TailBytes),
		tip:     Tip{Chain: genesis(o.Shard)},
	}
	close(j.sealing)
	opening := &opening{Journal: j}
	if err := opening.run(); err != nil {
		if j.file != nil {
			j.file.Close()
		}
		j.files.close()
		return nil, opening.report, fmt.Errorf("open journal: %w", err)
	}
	return j, opening.report, nil
}

// opening is a journal that nobody else has yet.
type opening struct {
	*Journal
	report Recovery
}

func (o *opening) run() error {
	if err := o.fs.MkdirAll(o.dir); err != nil {
		return err
	}
	found, err := list(o.fs, o.dir)
	if err != nil {
		return err
	}
	if err := found.missing(o.path); err != nil {
		return err
	}
	for _, name := range found.unfinished {
		if err := o.remove(name); err != nil {
			return err
		}
	}
	for _, n := range found.sealed {
		if err := o.sealedSegment(n); err != nil {
			return err
		}
	}
	if err := o.resumeTree(); err != nil {
		return err
	}
	if err := o.unsealedSegments(found.unsealed); err != nil {
		return err
	}
	if o.tip.Seq < o.opts.SyncedSeq {
		return &Corruption{File: o.dir, Seq: o.tip.Seq + 1,
			What: fmt.Sprintf("the journal ends with event %d and was durable up to %d", o.tip.Seq, o.opts.SyncedSeq)}
	}
	if err := o.tidy(found.indexes); err != nil {
		return err
	}
	if err := o.loadCheckpoints(); err != nil {
		return err
	}
	return o.checkLatest()
}

func (o *opening) resumeTree() error {
	tree, err := merkle.Resume(o.store(), int64(o.tip.Seq))
	if err != nil {
		return fmt.Errorf("resume the hash tree at event %d: %w", o.tip.Seq, err)
	}
	o.builder.tree = tree
	return nil
}

// sealedSegment takes in the next segment, from what its index says of it.
func (o *opening) sealedSegment(n named) error {
	s := newSegment(segmentHeader{shard: o.opts.Shard, number: uint64(len(o.segments)) + 1, firstSeq: n.first})
	s.sealed = true
	s.span.FirstSeq, s.span.LastSeq = n.first, n.last
	info, err := o.fs.Stat(o.segmentPath(s))
	if err != nil {
		return err
	}
	file, err := o.openIndex(s)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrCorrupt) || err == nil && !o.belongs(file, s, info.Size()) {
		if file, err = o.rebuildIndex(s); err == nil && !o.belongs(file, s, info.Size()) {
			err = &Corruption{File: o.segmentPath(s), Byte: file.Span().Size, Seq: file.Span().LastSeq + 1,
				What: "the segment is not what its name says"}
		}
	}
	if err != nil {
		return err
	}
	s.span, s.find = file.Span(), file
	s.flushed = s.span.Size
	o.append(s)
	return nil
}

// belongs says whether an index is that of a segment and made as this journal makes them.
func (o *opening) belongs(file *index.File, s *segment, size int64) bool {
	span := file.Span()
	return span.Shard == s.span.Shard && span.Number == s.number && span.FirstSeq == s.span.FirstSeq &&
		span.LastSeq == s.span.LastSeq && span.Size == size && file.KeyVersion() == o.opts.KeyVersion
}

func (o *opening) append(s *segment) {
	o.segments = append(o.segments, s)
	o.tip = Tip{Index: s.span.LastIndex, Seq: s.span.LastSeq, Time: s.span.LastTime, Chain: s.span.Chain}
}

// rebuildIndex reads a sealed segment to write its index.
func (o *opening) rebuildIndex(s *segment) (*index.File, error) {
	if err := o.resumeTree(); err != nil {
		return nil, err
	}
	file, err := o.fs.Open(o.segmentPath(s))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	a := audit{shard: o.opts.Shard, number: s.number - 1, tip: o.tip, builder: &o.builder}
	read, err := a.segment(fileSource{file}, o.segmentPath(s))
	if err != nil {
		return nil, err
	}
	path := o.indexPath(s)
	if err := vfs.WriteFile(o.fs, path, read.memory.Encode(read.span, o.opts.KeyVersion)); err != nil {
		return nil, fmt.Errorf("write index: %w", err)
	}
	o.report.RebuiltIndexes = append(o.report.RebuiltIndexes, path)
	if err := o.files.drop(fileID{s.number, true}); err != nil {
		return nil, err
	}
	return o.openIndex(s)
}

// tidy removes indexes without a segment, which a crash can leave.
func (o *opening) tidy(indexes []named) error {
	last := map[uint64]uint64{}
	for _, s := range o.segments {
		if s.sealed {
			last[s.firstSeq] = s.span.LastSeq
		}
	}
	for _, n := range indexes {
		if last[n.first] == n.last {
			continue
		}
		if err := o.remove(indexName(n.first, n.last)); err != nil {
			return err
		}
	}
	return nil
}

func (o *opening) remove(name string) error {
	if err := o.fs.Remove(o.path(name)); err != nil {
		return err
	}
	o.report.Removed = append(o.report.Removed, o.path(name))
	return nil
}

// checkLatest compares the hash tree with the latest checkpoint, or promises to when it has grown again so far.
func (o *opening) checkLatest() error {
	latest, found := o.Latest()
	if !found {
		return nil
	}
	if uint64(latest.Size) > o.tip.Seq {
		o.promise = &latest
		return nil
	}
	root, err := merkle.RootAt(o.store(), latest.Size)
	if err != nil {
		return fmt.Errorf("check the latest checkpoint: %w", err)
	}
	if root != latest.Root {
		return &Corruption{File: o.path(checkpointsName),
			What: fmt.Sprintf("the events up to %d are not those that were signed", latest.Size)}
	}
	return nil
}

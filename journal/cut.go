package journal

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/vfs"
)

// CutOff is what Cut has taken off the end of a journal.
type CutOff struct {
	First, Last uint64   // Seqs of the events; 0: there were none
	Files       []string // paths of the segments that have them now
}

// Cut takes off what a journal that nobody has open holds behind a log index, because the log goes on otherwise than when that was
// written. The segments with it stay under their names with an ending, the first of them with the records before the cut too, and so do
// the checkpoints if one was signed over it. Cut refuses to take what was durable (Options.SyncedSeq). After an error or a crash it can
// be called again.
func Cut(fsys vfs.FS, dir string, o Options, index uint64, ending string) (off CutOff, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("cut the journal behind log index %d: %w", index, err)
		}
	}()
	j, _, err := Open(fsys, dir, o)
	if err != nil {
		return off, err
	}
	c := cutting{Journal: j, ending: ending}
	if err := errors.Join(c.find(index), j.Close()); err != nil {
		return off, err
	}
	if c.kept < o.SyncedSeq {
		return off, fmt.Errorf("event %d would be lost, which was durable", o.SyncedSeq)
	}
	if err := c.cutCheckpoints(); err != nil || c.from == len(j.segments) {
		return off, err
	}
	off = CutOff{First: c.kept + 1, Last: j.tip.Seq}
	off.Files, err = c.cutSegments()
	return off, err
}

// cutting is a journal that is closed again, and from where on it is cut.
type cutting struct {
	*Journal
	ending string // of the names of what is cut off
	from   int    // the first segment with a record to be cut; their number if there is none
	at     int64  // where in it that record begins
	kept   uint64 // the last event before it
}

// find finds the first record behind a log index.
func (c *cutting) find(index uint64) error {
	c.kept = c.tip.Seq
	c.from = slices.IndexFunc(c.segments, func(s *segment) bool { return s.span.LastIndex > index })
	if c.from < 0 {
		c.from = len(c.segments)
		return nil
	}
	w := c.walker()
	defer w.release()
	for w.enter(c.segments[c.from]); ; {
		c.at, c.kept = w.scan.at, w.next-1
		r, err := w.scan.next()
		if err != nil {
			return w.explain(err, w.next)
		}
		if r.Index > index {
			return nil
		}
		w.next = r.LastSeq() + 1
	}
}

// cutCheckpoints takes off the checkpoints of more events than are kept.
func (c *cutting) cutCheckpoints() error {
	if latest, found := c.Latest(); !found || uint64(latest.Size) <= c.kept {
		return nil
	}
	path := c.path(checkpointsName)
	content, err := vfs.ReadFile(c.fs, path)
	if err != nil {
		return err
	}
	all, end := splitCheckpoints(content)
	for _, t := range slices.Backward(all) {
		head, err := merkle.ParseCheckpoint(bytes.Clone(t.text))
		if err != nil {
			return &Corruption{File: path, Byte: t.at, What: err.Error()}
		}
		if uint64(head.Size) <= c.kept {
			break
		}
		end = int(t.at)
	}
	if err := vfs.WriteFile(c.fs, path+c.ending, content); err != nil {
		return err
	}
	return vfs.WriteFile(c.fs, path, content[:end])
}

// cutSegments takes off the last segment first, so that what is left is a whole journal whenever the power fails. Indexes without their
// segment are removed when it is opened. It returns the names that they have now, in order.
func (c *cutting) cutSegments() (names []string, err error) {
	for _, s := range slices.Backward(c.segments[c.from:]) {
		path := c.segmentPath(s)
		cut := path + c.ending
		if s == c.segments[c.from] && c.at > segmentHead {
			err = c.shorten(s, path, cut)
		} else if err = c.fs.Rename(path, cut); err == nil {
			err = c.fs.SyncDir(c.dir)
		}
		if err != nil {
			return nil, err
		}
		names = slices.Insert(names, 0, cut)
	}
	return names, nil
}

// shorten cuts a segment, once there is a copy of it. It is no longer sealed then.
func (c *cutting) shorten(s *segment, path, whole string) error {
	content, err := vfs.ReadFile(c.fs, path)
	if err != nil {
		return err
	}
	if err := vfs.WriteFile(c.fs, whole, content); err != nil {
		return err
	}
	active := c.path(activeName(s.firstSeq))
	if s.sealed {
		if err := errors.Join(c.fs.Rename(path, active), c.fs.SyncDir(c.dir)); err != nil {
			return err
		}
	}
	file, err := c.fs.OpenReadWrite(active)
	if err != nil {
		return err
	}
	return errors.Join(cutFile(file, active, c.at, s.span.Size), file.Close())
}

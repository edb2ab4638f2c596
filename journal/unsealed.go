package journal

import (
	"errors"

	"github.com/hustings/hustings/vfs"
)

// unsealedSegments takes in the segments that a crash may have touched, in order, up to the first damage. There are
// two if one was being sealed.
func (o *opening) unsealedSegments(names []named) error {
	for _, n := range names {
		if o.report.Cut == nil {
			if err := o.unsealedSegment(n); err != nil {
				return err
			}
		} else if err := o.remove(activeName(n.first)); err != nil {
			return err
		}
	}
	if o.report.Cut == nil {
		return nil
	}
	return o.fs.SyncDir(o.dir)
}

// unsealedSegment reads a segment to its end or its first damage, cuts it there and makes it the active one.
func (o *opening) unsealedSegment(n named) error {
	path := o.path(activeName(n.first))
	file, err := o.fs.OpenReadWrite(path)
	if err != nil {
		return err
	}
	read, err := o.readUnsealed(file, path)
	if err != nil {
		file.Close()
		return err
	}
	if read.span.LastSeq == 0 {
		file.Close()
		return o.remove(activeName(n.first))
	}
	s := newSegment(read.header)
	s.span, s.flushed = read.span, read.span.Size
	if err := o.activate(s, file, read.memory); err != nil {
		return err
	}
	o.append(s)
	return nil
}

// readUnsealed reads a segment and cuts it at its first damage. What it returns is empty if nothing is left. The
// segment before is sealed only once it is clear that this one follows: it may lack its own last records.
func (o *opening) readUnsealed(file vfs.File, path string) (audited, error) {
	a := audit{shard: o.opts.Shard, number: uint64(len(o.segments)), tip: o.tip, builder: &o.builder}
	header, err := a.header(fileSource{file}, path)
	if err == nil && o.active != nil {
		if err := o.sealNow(); err != nil {
			return audited{}, err
		}
	}
	var read audited
	if err == nil {
		read, err = a.records(header, fileSource{file}, path)
	}
	var damage *Corruption
	if errors.As(err, &damage) {
		err = o.cut(file, a.tip.Seq, read.span.Size, damage)
	}
	return read, err
}

// cut takes off what is damaged, unless it was known to be durable.
func (o *opening) cut(file vfs.File, lastGood uint64, size int64, damage *Corruption) error {
	if lastGood < o.opts.SyncedSeq {
		return damage
	}
	had, err := file.Size()
	if err != nil {
		return err
	}
	o.report.Cut, o.report.CutBytes = damage, had-size
	return cutFile(file, damage.File, size, had)
}

// sealNow seals the active segment, which another one follows.
func (o *opening) sealNow() error {
	s, file := o.active, o.file
	o.active, o.file = nil, nil
	if err := o.seal(s, o.memory); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

package journal

import (
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/vfs"
)

// VerifyOptions say what Verify checks beside the journal itself.
type VerifyOptions struct {
	Verifier note.Verifier // of checkpoints; nil leaves their signatures unchecked
	Known    [][]byte      // checkpoints that were kept elsewhere, signed

	// Indexer and KeyVersion are those of the journal. With them each index must be, byte for byte, the one of its
	// segment. Without them only its checksums are checked.
	Indexer       Indexer
	KeyVersion    uint32
	RepairIndexes bool // write those anew that are not; needs Indexer

	Progress func(done, total int64) // told now and then of bytes; may be nil
	Each     func(Record) error      // shown every good record; its error ends the walk; may be nil
}

// Report is what Verify found.
type Report struct {
	Shard       uint32
	Segments    int
	Records     int64
	Events      int64
	Bytes       int64 // of records
	Checkpoints int   // those that fit, with the known ones
	Last        Tip
	Root        Hash // head of the hash tree

	// Problems are what can be mended: a torn end or checkpoint, by Open; an index that is missing or wrong, by
	// RepairIndexes.
	Problems []*Corruption
	Repaired []string // indexes written anew
}

// Verify reads a whole journal that nobody writes to and checks every byte of it: checksums, chain, Seqs, times, the
// hash tree against all checkpoints, and the indexes. Its error wraps ErrCorrupt if events are damaged, missing or not
// those that were signed; the *Corruption names the file, the byte and the first event concerned. The report tells how
// far it came.
func Verify(fsys vfs.FS, dir string, o VerifyOptions) (Report, error) {
	v := &verification{fs: fsys, dir: dir, opts: o}
	err := v.run()
	return v.report, err
}

type verification struct {
	fs     vfs.FS
	dir    string
	opts   VerifyOptions
	report Report

	audit       *audit
	checkpoints []signedHead // not reached yet, sizes ascending
	signed      int64        // size of the last one that fits
	mismatch    *Corruption
	total       int64
	told        int64
}

func (v *verification) run() error {
	found, err := list(v.fs, v.dir)
	if err != nil {
		return err
	}
	if err := found.missing(v.path); err != nil {
		return err
	}
	names := append(append([]named{}, found.sealed...), found.unsealed...)
	if err := v.prepare(names); err != nil {
		return err
	}
	for i, n := range names {
		if err := v.segment(n, i == len(names)-1); err != nil {
			return err
		}
	}
	if v.opts.Progress != nil {
		v.opts.Progress(v.total, v.total)
	}
	if len(v.checkpoints) > 0 {
		c := v.checkpoints[0]
		return &Corruption{File: c.file, Byte: c.at, Seq: v.audit.tip.Seq + 1,
			What: fmt.Sprintf("events up to %d were signed and the journal ends with %d", c.Size, v.audit.tip.Seq)}
	}
	return nil
}

// prepare finds out which shard it is, how much there is to read and what was signed.
func (v *verification) prepare(names []named) error {
	for _, n := range names {
		info, err := v.fs.Stat(v.segmentPath(n))
		if err != nil {
			return err
		}
		v.total += info.Size()
	}
	if len(names) > 0 {
		if err := v.readShard(v.segmentPath(names[0])); err != nil {
			return err
		}
	}
	v.audit = newAudit(v.report.Shard, v.opts.Indexer)
	v.audit.progress = v.tell
	v.audit.each = v.each
	v.audit.builder.reached = v.watchNext
	v.report.Last = v.audit.tip
	v.report.Root = v.audit.builder.tree.Root()
	if err := v.loadCheckpoints(); err != nil {
		return err
	}
	v.watchNext()
	if v.mismatch != nil {
		return v.mismatch
	}
	return nil
}

func (v *verification) readShard(path string) error {
	file, err := v.fs.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	header, err := readHeader(fileSource{file}, path)
	var damage *Corruption
	if errors.As(err, &damage) && damage.short {
		return nil
	}
	v.report.Shard = header.shard
	return err
}

func (v *verification) path(name string) string { return filepath.Join(v.dir, name) }

func (v *verification) segmentPath(n named) string {
	if n.last == 0 {
		return v.path(activeName(n.first))
	}
	return v.path(sealedName(n.first, n.last))
}

// segment checks one segment and its index. The last one may end with a torn record unless it is sealed.
func (v *verification) segment(n named, last bool) error {
	path := v.segmentPath(n)
	file, err := v.fs.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	read, err := v.audit.segment(fileSource{file}, path)
	if v.mismatch != nil {
		return v.mismatch
	}
	v.report.Last, v.report.Root = v.audit.tip, v.audit.builder.tree.Root()
	var damage *Corruption
	if errors.As(err, &damage) && last && n.last == 0 {
		return v.torn(file, damage)
	}
	if err != nil {
		return err
	}
	v.report.Segments++
	if n.last == 0 {
		return nil
	}
	if n.last != read.span.LastSeq {
		return &Corruption{File: path, Byte: read.span.Size, Seq: read.span.LastSeq + 1,
			What: fmt.Sprintf("the segment ends with event %d and not as its name says", read.span.LastSeq)}
	}
	return v.index(n, read)
}

// torn tells a record that was not written whole, which is to be expected after a crash, from damage: nothing whole
// follows it.
func (v *verification) torn(file vfs.File, damage *Corruption) error {
	if !damage.short {
		return damage
	}
	size, err := file.Size()
	if err != nil {
		return err
	}
	rest := make([]byte, size-damage.Byte)
	if n, err := file.ReadAt(rest, damage.Byte); n < len(rest) {
		return fmt.Errorf("read %s: %w", damage.File, err)
	}
	for at := 1; at+recordHead < len(rest); at++ {
		n, err := recordLen(rest[at:])
		if err != nil || n > len(rest)-at {
			continue
		}
		if r, err := parseRecord(rest[at : at+n]); err == nil && r.FirstSeq > v.audit.tip.Seq {
			damage.What += fmt.Sprintf(", but at byte %d there is a whole one", damage.Byte+int64(at))
			return damage
		}
	}
	v.report.Problems = append(v.report.Problems, damage)
	if v.audit.tip.Seq > 0 {
		v.report.Segments++
	}
	return nil
}

func (v *verification) each(r Record) error {
	v.report.Records++
	v.report.Events += int64(r.Count)
	if v.mismatch != nil {
		return v.mismatch
	}
	if v.opts.Each == nil {
		return nil
	}
	return v.opts.Each(r)
}

// tell reports progress every mebibyte.
func (v *verification) tell(n int64) {
	v.report.Bytes += n
	if v.opts.Progress != nil && v.report.Bytes-v.told >= 1<<20 {
		v.told = v.report.Bytes
		v.opts.Progress(v.report.Bytes, v.total)
	}
}

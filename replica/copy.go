package replica

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path/filepath"

	"github.com/hustings/hustings/journal"
)

// What a replica gives to another one that lacks it. A snapshot is copied as the file that it is. A journal is copied as
// records one after the other:
//
//	length u32 │ log index u64 │ log time i64 │ first Seq u64 │ count u32 │ events, length bytes │ CRC-32C u32 of all before
const copyHead = 4 + 8 + 8 + 8 + 4

// CopySnapshot writes the file of a snapshot, from an offset on.
func (r *Replica) CopySnapshot(w io.Writer, index uint64, offset int64) (err error) {
	file, err := r.config.FS.Open(filepath.Join(r.config.Dir, "snapshots", snapshotName(index)))
	if err != nil {
		return fmt.Errorf("copying snapshot %d: %w", index, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	size, err := file.Size()
	if err != nil {
		return fmt.Errorf("copying snapshot %d: %w", index, err)
	}
	if _, err = io.Copy(w, io.NewSectionReader(file, offset, max(0, size-offset))); err != nil {
		return fmt.Errorf("copying snapshot %d: %w", index, err)
	}
	return nil
}

// CopyJournal writes the records of the journal that hold the events first to last.
func (r *Replica) CopyJournal(ctx context.Context, w io.Writer, first, last uint64) error {
	out := bufio.NewWriterSize(w, 1<<20)
	cursor := r.journal.Subscribe(first)
	var head []byte
	for cursor.Seq() <= last {
		rec, err := cursor.Next(ctx)
		if err != nil {
			return fmt.Errorf("copying the journal from Seq %d: %w", cursor.Seq(), err)
		}
		head = le.AppendUint32(head[:0], uint32(len(rec.Events)))
		for _, v := range []uint64{rec.Index, uint64(rec.Time), rec.FirstSeq} {
			head = le.AppendUint64(head, v)
		}
		head = le.AppendUint32(head, rec.Count)
		sum := crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, rec.Events)
		for _, part := range [][]byte{head, rec.Events, le.AppendUint32(nil, sum)} {
			if _, err := out.Write(part); err != nil {
				return fmt.Errorf("copying the journal: %w", err)
			}
		}
	}
	return out.Flush()
}

// readCopied reads the next record of a journal that is copied. At the end the error is io.EOF.
func readCopied(in io.Reader) (rec journal.Record, err error) {
	var head [copyHead]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return rec, err
	}
	length := le.Uint32(head[:])
	if length > journal.MaxRecordBytes {
		return rec, fmt.Errorf("a record of %d bytes is too long", length)
	}
	b := make([]byte, length+4)
	if _, err := io.ReadFull(in, b); err != nil {
		return rec, fmt.Errorf("reading a record of %d bytes: %w", length, err)
	}
	events := b[:length]
	if crc32.Update(crc32.Checksum(head[:], castagnoli), castagnoli, events) != le.Uint32(b[length:]) {
		return rec, errors.New("the checksum of a record is wrong")
	}
	return journal.Record{Index: le.Uint64(head[4:]), Time: int64(le.Uint64(head[12:])), FirstSeq: le.Uint64(head[20:]),
		Count: le.Uint32(head[28:]), Events: events}, nil
}

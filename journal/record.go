package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
)

// A record in a segment, numbers little-endian:
//
//	 0        4        8                               40        41     44
//	+--------+--------+-------------------------------+---------+------+-------+
//	| length | CRC-32C| chain hash of the record      | version | zero | count |
//	|  u32   |  u32   | before it, 32 bytes           |   u8    | 3 B  |  u32  |
//	+--------+--------+-------+-----------+-----------+---------+------+-------+
//	| log index| log time, ns | first Seq |  events … |  chain hash, 32 bytes    |
//	|   u64    |     i64      |    u64    |           |                          |
//	+----------+--------------+-----------+-----------+--------------------------+
//	 48         56             64          72          length − 32
//
// Length counts the whole record; the checksum covers bytes 8 to length; the chain hash is the SHA-256 of bytes 8 to
// length − 32, which begin with the hash before.
const (
	recordHead    = 72
	recordTail    = 32
	recordVersion = 1

	// MaxRecordBytes is the greatest length of a record.
	MaxRecordBytes = 1 << 28

	eventHead = 4
)

var (
	le         = binary.LittleEndian
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// Record is all events of one log entry.
type Record struct {
	Index    uint64 // of the log entry; ascending, not dense
	Time     int64  // of the log entry, ns; never less than that of the record before
	FirstSeq uint64 // the Seq of the first event
	Count    uint32 // number of events; at least 1 in the journal
	Events   []byte // the events one after the other
}

// LastSeq is the Seq of the last event.
func (r Record) LastSeq() uint64 { return r.FirstSeq + uint64(r.Count) - 1 }

// All walks over the events with their Seqs.
func (r Record) All() iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		rest := r.Events
		for seq := r.FirstSeq; len(rest) > 0; seq++ {
			n := int(le.Uint16(rest))
			if !yield(seq, rest[:n:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// from returns the record without the events before seq, which is one of its own.
func (r Record) from(seq uint64) Record {
	for ; r.FirstSeq < seq; r.FirstSeq++ {
		r.Events = r.Events[le.Uint16(r.Events):]
		r.Count--
	}
	return r
}

// event returns the event with a Seq of this record. It looks through those before it.
func (r Record) event(seq uint64) []byte {
	events := r.from(seq).Events
	n := le.Uint16(events)
	return events[:n:n]
}

// starts appends where in Events each event begins.
func (r Record) starts(at []uint32) []uint32 {
	for offset := uint32(0); int(offset) < len(r.Events); offset += uint32(le.Uint16(r.Events[offset:])) {
		at = append(at, offset)
	}
	return at
}

// size is the length of the record in a segment.
func (r Record) size() int { return recordHead + len(r.Events) + recordTail }

// checkEvents says whether Events is cut into Count events.
func (r Record) checkEvents() error {
	rest, count := r.Events, uint32(0)
	for ; len(rest) > 0; count++ {
		if len(rest) < eventHead {
			return fmt.Errorf("event %d has %d bytes", r.FirstSeq+uint64(count), len(rest))
		}
		n := int(le.Uint16(rest))
		if n < eventHead || n > len(rest) {
			return fmt.Errorf("event %d has length %d where %d bytes are left", r.FirstSeq+uint64(count), n, len(rest))
		}
		rest = rest[n:]
	}
	if count != r.Count || count == 0 {
		return fmt.Errorf("%d events are said to be there and %d are", r.Count, count)
	}
	return nil
}

// stored is a record as it was found in a segment.
type stored struct {
	Record
	before, chain [32]byte
}

// put writes the record to b, which has its size, and returns its chain hash.
func (r Record) put(b []byte, before [32]byte) (chain [32]byte) {
	hashed := b[8 : len(b)-recordTail]
	copy(hashed, before[:])
	le.PutUint64(b[40:], recordVersion)
	le.PutUint32(b[44:], r.Count)
	le.PutUint64(b[48:], r.Index)
	le.PutUint64(b[56:], uint64(r.Time))
	le.PutUint64(b[64:], r.FirstSeq)
	copy(b[recordHead:], r.Events)
	chain = sha256.Sum256(hashed)
	copy(b[len(b)-recordTail:], chain[:])
	le.PutUint32(b, uint32(len(b)))
	le.PutUint32(b[4:], crc32.Checksum(b[8:], castagnoli))
	return chain
}

// recordLen reads the length of the record that begins with the four bytes b.
func recordLen(b []byte) (int, error) {
	n := le.Uint32(b)
	if n < recordHead+eventHead+recordTail || n > MaxRecordBytes {
		return 0, fmt.Errorf("a record cannot have %d bytes", n)
	}
	return int(n), nil
}

// parseRecord reads a whole record and checks all but its place in the chain. The result aliases b.
func parseRecord(b []byte) (stored, error) {
	if len(b) < recordHead+recordTail {
		return stored{}, errors.New("a record is cut short")
	}
	if crc32.Checksum(b[8:], castagnoli) != le.Uint32(b[4:]) {
		return stored{}, errors.New("a record has a wrong checksum")
	}
	if b[40] != recordVersion || b[41]|b[42]|b[43] != 0 {
		return stored{}, fmt.Errorf("%w %d of a record", ErrVersion, le.Uint32(b[40:]))
	}
	end := len(b) - recordTail
	r := stored{
		Record: Record{
			Index: le.Uint64(b[48:]), Time: int64(le.Uint64(b[56:])), FirstSeq: le.Uint64(b[64:]),
			Count: le.Uint32(b[44:]), Events: b[recordHead:end:end],
		},
		before: [32]byte(b[8:40]),
		chain:  [32]byte(b[end:]),
	}
	return r, r.checkEvents()
}

// hash computes the chain hash of a whole record.
func hashRecord(b []byte) [32]byte { return sha256.Sum256(b[8 : len(b)-recordTail]) }

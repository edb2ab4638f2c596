// Package index finds events of one journal segment: by key (the aggregates they concern), by Seq, by time, and the
// nodes of the hash tree that are stored with the segment. While a segment grows its index is a Memory; once it is
// sealed the index is a file, made by Encode and read by File, page by page. Nothing in it is not in the segment too,
// so an index can always be built again. The package does not know what an event is.
//
// An index file is one sequence of bytes, cut into pages so that each can be checked when it is read alone:
//
//	 0                                            4092     4096
//	+--------------------------------------------+--------+
//	| next 4,092 bytes of the content, or zeros  | CRC-32C|   and so on, pages of 4,096 bytes
//	+--------------------------------------------+--------+
//
// The content, all numbers little-endian:
//
//	  0  8 B  magic "HUSTINDX"
//	  8  u16  format version, 1          10  u16  zero                12  u32  shard
//	 16  u64  number of the segment      24  u64  first Seq           32  u64  last Seq
//	 40  u64  first log index            48  u64  last log index
//	 56  i64  first log time, ns         64  i64  last log time, ns
//	 72 32 B  chain hash of the last record
//	104  u64  size of the segment, bytes
//	112  u32  version of the key function
//	116  u32  number of marks M          120  u32  number of nodes N
//	124  u32  filter blocks B            128  u32  number of keys K   132  u32  bytes of postings P
//	136       marks     M × 16 B   u32 Seq − first Seq, u32 offset of the record in the segment, i64 its log time
//	          nodes     N × 32 B   stored nodes that events of this segment completed
//	          filter    B × 64 B   Bloom filter of the keys
//	          keys      K × 16 B   u64 key, u32 offset in the postings, u32 number of postings; ascending by key
//	          postings  P bytes
//
// The postings of a key are its Seqs, ascending, in blocks of 128, each counted from the first Seq of the segment:
//
//	one block:       uvarint of the first, then uvarints of the differences
//	n blocks, n > 1: n × (u32 first, u32 offset of the block from the start of these postings), then the blocks
//
// Bits of the filter: x = mix(key) picks block (x >> 32) × B >> 32 and, within its 512 bits, the six bits
// (x × 0x9E3779B97F4A7C15 >> 9 i) & 511 for i from 0 to 5.
//
// Version history: 1, the first.
package index

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Version is the format version that Encode writes and File reads.
const Version = 1

const (
	magic      = "HUSTINDX"
	headLen    = 136
	markLen    = 16
	nodeLen    = 32
	filterLen  = 64
	keyLen     = 16
	blockPosts = 128
	blockHead  = 8
)

var le = binary.LittleEndian

// Key names an aggregate: its kind in the high byte and its identifier below.
type Key uint64

// Span says which part of the journal a segment holds.
type Span struct {
	Shard                 uint32
	Number                uint64 // of the segment
	FirstSeq, LastSeq     uint64
	FirstIndex, LastIndex uint64 // log indexes
	FirstTime, LastTime   int64  // log times, ns
	Chain                 [32]byte
	Size                  int64 // of the segment, bytes
}

// Mark is the place of a record that begins with Seq.
type Mark struct {
	Seq    uint64
	Offset int64
	Time   int64
}

// ErrDamaged is wrapped by every Damage.
var ErrDamaged = errors.New("index is damaged")

// Damage says where an index file is not what it should be. The index can be built again from its segment.
type Damage struct {
	Byte int64 // in the file
	What string
}

func (d *Damage) Error() string { return fmt.Sprintf("%v at byte %d: %s", ErrDamaged, d.Byte, d.What) }
func (d *Damage) Unwrap() error { return ErrDamaged }

// mix spreads a key over 64 bits (the finalizer of splitmix64).
func mix(key Key) uint64 {
	x := uint64(key)
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

package journal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/hustings/hustings/journal/index"
)

// A segment begins with a header and goes on with records:
//
//	 0              8         10     12      16       24          32                  64     68
//	+--------------+---------+------+-------+--------+-----------+-------------------+------+--------+
//	| "HUSTJRNL"   | version | zero | shard | number | first Seq | chain hash before | zero | CRC-32C|
//	|              |   u16   | u16  |  u32  |  u64   |    u64    |     32 bytes      | u32  |  u32   |
//	+--------------+---------+------+-------+--------+-----------+-------------------+------+--------+
const (
	segmentMagic   = "HUSTJRNL"
	segmentHead    = 72
	segmentVersion = 1
)

// genesis is the chain hash before the first record of a shard.
func genesis(shard uint32) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "hustings journal shard %d", shard))
}

// segmentHeader is what the first bytes of a segment say.
type segmentHeader struct {
	shard    uint32
	number   uint64 // from 1
	firstSeq uint64
	before   [32]byte
}

func (h segmentHeader) bytes() []byte {
	b := make([]byte, segmentHead)
	copy(b, segmentMagic)
	le.PutUint16(b[8:], segmentVersion)
	le.PutUint32(b[12:], h.shard)
	le.PutUint64(b[16:], h.number)
	le.PutUint64(b[24:], h.firstSeq)
	copy(b[32:], h.before[:])
	le.PutUint32(b[68:], crc32.Checksum(b[:68], castagnoli))
	return b
}

func parseSegmentHeader(b []byte) (segmentHeader, error) {
	if string(b[:8]) != segmentMagic {
		return segmentHeader{}, errors.New("it does not begin with " + segmentMagic)
	}
	if crc32.Checksum(b[:68], castagnoli) != le.Uint32(b[68:]) {
		return segmentHeader{}, errors.New("its header has a wrong checksum")
	}
	if v := le.Uint16(b[8:]); v != segmentVersion {
		return segmentHeader{}, fmt.Errorf("%w %d of a segment", ErrVersion, v)
	}
	if le.Uint16(b[10:]) != 0 || le.Uint32(b[64:]) != 0 {
		return segmentHeader{}, errors.New("its header has reserved bytes that are not zero")
	}
	return segmentHeader{
		shard: le.Uint32(b[12:]), number: le.Uint64(b[16:]), firstSeq: le.Uint64(b[24:]), before: [32]byte(b[32:64]),
	}, nil
}

// finder is the index of a segment: of the growing one in memory, of a sealed one in a file.
type finder interface {
	Newest(key Key, before uint64, visit func(seq uint64) bool) error
	Oldest(key Key, after uint64, visit func(seq uint64) bool) error
	MarkOfSeq(seq uint64) (index.Mark, error)
	MarkBefore(t int64, equal bool) (index.Mark, error)
	Node(number int64) (Hash, error)
}

// segment is one file of records. What changes is guarded by Journal.mu.
type segment struct {
	number    uint64
	firstSeq  uint64
	firstNode int64 // number of the first node of the hash tree that its index holds

	span    index.Span // of what readers may see
	flushed int64      // so many bytes of it are in the file
	find    finder
	sealed  bool
}

// extend takes a record into a span that it follows. The size is that of the segment with the record.
func extend(s *index.Span, r Record, chain [32]byte, size int64) {
	if s.LastSeq == 0 {
		s.FirstSeq, s.FirstIndex, s.FirstTime = r.FirstSeq, r.Index, r.Time
	}
	s.LastSeq, s.LastIndex, s.LastTime = r.LastSeq(), r.Index, r.Time
	s.Chain, s.Size = chain, size
}

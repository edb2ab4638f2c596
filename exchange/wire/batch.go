package wire

import "github.com/hustings/hustings/exchange"

// A batch is the data of one entry of the replicated log: a head, then the frames of its commands.
//
//	 0         1          4       8              16
//	+---------+----------+-------+--------------+------------------
//	| version | reserved | count | log time     | command frames
//	|   u8    | 3 × 0    |  u32  | i64 ns       |
//	+---------+----------+-------+--------------+------------------
const (
	BatchHead    = 16
	batchVersion = 1
)

// AppendBatchHead appends the head of a batch of count commands. Their frames follow it.
func AppendBatchHead(buf []byte, now exchange.Time, count int) []byte {
	buf, b := grow(buf, BatchHead)
	clear(b)
	PutBatchHead(b, now, count)
	return buf
}

// PutBatchHead writes the head of a batch of count commands over the first BatchHead bytes of b.
func PutBatchHead(b []byte, now exchange.Time, count int) {
	b[0] = batchVersion
	le.PutUint32(b[4:], uint32(count))
	le.PutUint64(b[8:], uint64(now))
}

// ReadBatch splits a batch into its log time, the number of its commands and their frames.
func ReadBatch(b []byte) (now exchange.Time, count int, frames []byte, err error) {
	if len(b) < BatchHead {
		return 0, 0, nil, malformed("a batch of %d bytes", len(b))
	}
	if b[0] != batchVersion {
		return 0, 0, nil, malformed("a batch of version %d", b[0])
	}
	return exchange.Time(le.Uint64(b[8:])), int(le.Uint32(b[4:])), b[BatchHead:], nil
}

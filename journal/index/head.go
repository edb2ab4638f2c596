package index

import "fmt"

// head is the first part of an index file.
type head struct {
	Span
	keyVersion                                 uint32
	marks, nodes, filterBlocks, keys, postings int // counts; postings in bytes
}

// Where the sections begin in the content, and where it ends.
func (h *head) nodesAt() int64    { return headLen + int64(h.marks)*markLen }
func (h *head) filterAt() int64   { return h.nodesAt() + int64(h.nodes)*nodeLen }
func (h *head) keysAt() int64     { return h.filterAt() + int64(h.filterBlocks)*filterLen }
func (h *head) postingsAt() int64 { return h.keysAt() + int64(h.keys)*keyLen }
func (h *head) end() int64        { return h.postingsAt() + int64(h.postings) }

func (h *head) append(b []byte) []byte {
	b = append(b, magic...)
	b = le.AppendUint16(b, Version)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint32(b, h.Shard)
	for _, v := range []uint64{
		h.Number, h.FirstSeq, h.LastSeq, h.FirstIndex, h.LastIndex, uint64(h.FirstTime), uint64(h.LastTime),
	} {
		b = le.AppendUint64(b, v)
	}
	b = append(b, h.Chain[:]...)
	b = le.AppendUint64(b, uint64(h.Size))
	b = le.AppendUint32(b, h.keyVersion)
	for _, n := range []int{h.marks, h.nodes, h.filterBlocks, h.keys, h.postings} {
		b = le.AppendUint32(b, uint32(n))
	}
	return b
}

// parseHead reads what append wrote. Its page was checked before.
func parseHead(b []byte) (head, error) {
	if string(b[:8]) != magic {
		return head{}, &Damage{0, "it does not begin with " + magic}
	}
	if v := le.Uint16(b[8:]); v != Version {
		return head{}, &Damage{8, fmt.Sprintf("format version %d; this program knows %d", v, Version)}
	}
	if le.Uint16(b[10:]) != 0 {
		return head{}, &Damage{10, "a reserved byte is not zero"}
	}
	u64 := func(at int) uint64 { return le.Uint64(b[at:]) }
	count := func(at int) int { return int(le.Uint32(b[at:])) }
	return head{
		Span: Span{
			Shard: le.Uint32(b[12:]), Number: u64(16), FirstSeq: u64(24), LastSeq: u64(32),
			FirstIndex: u64(40), LastIndex: u64(48), FirstTime: int64(u64(56)), LastTime: int64(u64(64)),
			Chain: [32]byte(b[72:104]), Size: int64(u64(104)),
		},
		keyVersion: le.Uint32(b[112:]),
		marks:      count(116), nodes: count(120), filterBlocks: count(124), keys: count(128), postings: count(132),
	}, nil
}

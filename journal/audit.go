package journal

import (
	"errors"
	"fmt"
	"io"

	"github.com/hustings/hustings/journal/index"
	"github.com/hustings/hustings/journal/merkle"
)

// audit reads segments in order, checks each byte against what came before, and builds indexes and tree again.
type audit struct {
	shard   uint32
	number  uint64 // of the segment before
	tip     Tip    // of what was read and is good
	builder *builder
	buffer  []byte // for reading

	each     func(Record) error // sees each good record; may be nil
	progress func(bytes int64)  // is told of bytes read; may be nil
}

func newAudit(shard uint32, indexer Indexer) *audit {
	return &audit{
		shard:   shard,
		tip:     Tip{Chain: genesis(shard)},
		builder: &builder{tree: &merkle.Tree{}, indexer: indexer},
	}
}

// audited is a segment as far as it is good.
type audited struct {
	header segmentHeader
	span   index.Span
	memory *index.Memory
}

// segment reads a segment. With an error of *Corruption it still returns what was good before. An empty segment is one
// that ends too early.
func (a *audit) segment(src source, path string) (audited, error) {
	header, err := a.header(src, path)
	if err != nil {
		return audited{}, err
	}
	return a.records(header, src, path)
}

// header reads the header of a segment and checks that it follows the one before.
func (a *audit) header(src source, path string) (segmentHeader, error) {
	header, err := readHeader(src, path)
	var c *Corruption
	if errors.As(err, &c) {
		c.Seq = a.tip.Seq + 1
	}
	if err != nil {
		return segmentHeader{}, err
	}
	if header.shard != a.shard {
		return segmentHeader{}, fmt.Errorf("%s is of shard %d, not of shard %d", path, header.shard, a.shard)
	}
	want := segmentHeader{shard: a.shard, number: a.number + 1, firstSeq: a.tip.Seq + 1, before: a.tip.Chain}
	if header != want {
		return segmentHeader{}, &Corruption{File: path, Seq: want.firstSeq, What: "it does not follow the segment before"}
	}
	return header, nil
}

// records reads what follows the header.
func (a *audit) records(header segmentHeader, src source, path string) (audited, error) {
	a.number++
	s := audited{
		header: header,
		span:   index.Span{Shard: a.shard, Number: header.number, Size: segmentHead},
		memory: index.NewMemory(header.firstSeq, nil),
	}
	scan := &scanner{source: src, file: path, at: segmentHead, window: 256 << 10, buffer: a.buffer[:0]}
	defer func() { a.buffer = scan.buffer }()
	for {
		err := a.record(scan, &s)
		if errors.Is(err, io.EOF) && s.span.LastSeq > 0 {
			return s, nil
		}
		if errors.Is(err, io.EOF) {
			return s, &Corruption{File: path, Byte: segmentHead, Seq: a.tip.Seq + 1, What: "no record is there", short: true}
		}
		if err != nil {
			return s, err
		}
	}
}

func readHeader(src source, path string) (segmentHeader, error) {
	scan := &scanner{source: src, window: segmentHead}
	b, err := scan.need(segmentHead)
	if err != nil {
		return segmentHeader{}, fmt.Errorf("read %s: %w", path, err)
	}
	scan.file = path
	if len(b) < segmentHead {
		return segmentHeader{}, &Corruption{File: path, What: "the file ends within its header", short: true}
	}
	h, err := parseSegmentHeader(b)
	if err != nil {
		return segmentHeader{}, scan.corruption(err)
	}
	return h, nil
}

// record reads and checks the next record of a segment.
func (a *audit) record(scan *scanner, s *audited) error {
	r, b, err := scan.record()
	var c *Corruption
	if errors.As(err, &c) {
		c.Seq = a.tip.Seq + 1
	}
	if err != nil {
		return err
	}
	corrupt := func(what string) error {
		return &Corruption{File: scan.file, Byte: scan.at, Seq: a.tip.Seq + 1, What: what}
	}
	if r.before != a.tip.Chain {
		return corrupt("a record does not hold the chain hash of the one before it")
	}
	if r.chain != hashRecord(b) {
		return corrupt("a record does not hash to its chain hash")
	}
	if err := follows(a.tip, r.Record); err != nil {
		return corrupt(err.Error())
	}
	a.builder.add(s.memory, scan.at, r.Record)
	scan.at += int64(len(b))
	extend(&s.span, r.Record, r.chain, scan.at)
	a.tip = Tip{Index: r.Index, Seq: r.LastSeq(), Time: r.Time, Chain: r.chain}
	if a.progress != nil {
		a.progress(int64(len(b)))
	}
	if a.each != nil {
		return a.each(r.Record)
	}
	return nil
}

package journal

// tail keeps the records that were appended last, whole, in a ring of blocks: those not yet written to a file, and as
// many of the others as there is room for, so that a reader close to the end reads no disk. One goroutine writes
// behind what is published; readers see what is published, under Journal.mu.
type tail struct {
	blocks []block
	newest int
}

// block holds consecutive bytes of one segment.
type block struct {
	segment *segment
	at      int64  // where bytes begin in the segment
	bytes   []byte // published; the writer prepares the next record behind them
}

func (b *block) end() int64 { return b.at + int64(len(b.bytes)) }

const blockBytes = 256 << 10

// newTail makes room for about so many bytes.
func newTail(bytes int) tail { return tail{blocks: make([]block, max(2, bytes/blockBytes))} }

func (t *tail) last() *block { return &t.blocks[t.newest] }

// room returns n bytes behind what is published of the newest block, or nil if they are not free.
func (t *tail) room(n int) []byte {
	b := t.last()
	if cap(b.bytes)-len(b.bytes) < n {
		return nil
	}
	return b.bytes[len(b.bytes) : len(b.bytes)+n]
}

// turn begins a block with room for n bytes in place of the oldest one.
func (t *tail) turn(s *segment, at int64, n int) {
	t.newest = (t.newest + 1) % len(t.blocks)
	b := t.last()
	b.segment, b.at, b.bytes = s, at, b.bytes[:0]
	if cap(b.bytes) < n {
		b.bytes = make([]byte, 0, max(n, blockBytes))
	}
}

// publish shows n prepared bytes to readers.
func (t *tail) publish(n int) {
	b := t.last()
	b.bytes = b.bytes[:len(b.bytes)+n]
}

// read copies bytes of a segment from an offset if they are in the ring, as many as their block has.
func (t *tail) read(s *segment, p []byte, offset int64) int {
	for i := range t.blocks {
		b := &t.blocks[(t.newest+len(t.blocks)-i)%len(t.blocks)]
		if b.segment == s && b.at <= offset && offset < b.end() {
			return copy(p, b.bytes[offset-b.at:])
		}
	}
	return 0
}

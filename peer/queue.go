package peer

import "sync"

const (
	// chunkSize is a multiple of what a TLS record holds, so that no record is short but the last.
	chunkSize = 64 << 10
	// A frame with less than smallPayload still gets in when the queue is full, until smallReserve is used up as well.
	smallPayload = 1 << 10
	smallReserve = 1 << 20
)

type chunk struct {
	n     int
	bytes [chunkSize]byte
}

var chunks = sync.Pool{New: func() any { return new(chunk) }}

// queue holds encoded frames until the writer of a link takes them, all at once. What it holds and what the writer has
// not written yet is bounded together.
type queue struct {
	limit int // bytes

	mu      sync.Mutex
	filled  sync.Cond // something to take, or closed
	drained sync.Cond // something was written, or closed
	waiting []*chunk
	frames  int // not taken
	closed  bool

	// Bytes since the beginning: put into the queue, taken by the writer, written. Each is at most the one before.
	put, taken, written uint64
}

func newQueue(limit int) *queue {
	q := &queue{limit: limit}
	q.filled.L, q.drained.L = &q.mu, &q.mu
	return q
}

// add copies a frame into the queue unless that is full or closed, and tells at which byte the frame begins.
func (q *queue) add(h header, payload []byte) (at uint64, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || !q.hasRoom(payload) {
		return 0, false
	}
	return q.append(h, payload), true
}

// addWaiting is add that waits for room.
func (q *queue) addWaiting(h header, payload []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && !q.hasRoom(payload) {
		q.drained.Wait()
	}
	if q.closed {
		return false
	}
	q.append(h, payload)
	return true
}

func (q *queue) hasRoom(payload []byte) bool {
	limit := q.limit
	if len(payload) < smallPayload {
		limit += smallReserve
	}
	used := int(q.put - q.written)
	// A frame longer than the limit may have the queue for itself.
	return used+headerSize+len(payload) <= limit || used == 0
}

func (q *queue) append(h header, payload []byte) (at uint64) {
	var head [headerSize]byte
	h.encode(&head, len(payload))
	q.copy(head[:])
	q.copy(payload)
	at = q.put
	q.put += uint64(headerSize + len(payload))
	q.frames++
	q.filled.Signal()
	return at
}

func (q *queue) copy(b []byte) {
	for len(b) > 0 {
		if n := len(q.waiting); n == 0 || q.waiting[n-1].n == chunkSize {
			c := chunks.Get().(*chunk)
			c.n = 0
			q.waiting = append(q.waiting, c)
		}
		c := q.waiting[len(q.waiting)-1]
		n := copy(c.bytes[c.n:], b)
		c.n += n
		b = b[n:]
	}
}

// take waits until there is something, and returns all of it. The chunks are the caller's; used, which the caller
// returns from the time before, is where the queue gathers next. It returns nothing once the queue is closed.
func (q *queue) take(used []*chunk) []*chunk {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.filled.Wait()
	}
	if q.closed {
		return nil
	}
	taken := q.waiting
	q.waiting, q.frames, q.taken = used[:0], 0, q.put
	return taken
}

// wrote says that n bytes of what was taken are written.
func (q *queue) wrote(n int) {
	q.mu.Lock()
	q.written += uint64(n)
	q.mu.Unlock()
	q.drained.Broadcast()
}

// close drops what waits. It may be called more than once.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.waiting = true, nil
	q.filled.Broadcast()
	q.drained.Broadcast()
}

// lost tells how many frames a closed queue dropped. They are those that begin at byte taken or behind it; all before
// were given to the writer.
func (q *queue) lost() (frames int, taken uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.frames, q.taken
}

// size is how many bytes are in the queue or being written.
func (q *queue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return int(q.put - q.written)
}

func (q *queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

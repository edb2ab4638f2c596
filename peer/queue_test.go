package peer

import (
	"bytes"
	"io"
	"testing"
)

func flatten(taken []*chunk) (b []byte) {
	for _, c := range taken {
		b = append(b, c.bytes[:c.n]...)
	}
	return b
}

func TestQueueGathersAllThatWaits(t *testing.T) {
	const count = 10_000
	q := newQueue(1 << 20)
	payload := bytes.Repeat([]byte("x"), 50)
	for i := range count {
		if at, ok := q.add(header{kind: kindMessage, id: uint64(i)}, payload); !ok || at != uint64(i*70) {
			t.Fatalf("frame %d: at %d, %v", i, at, ok)
		}
	}
	taken := q.take(nil)
	if want := (count*70 + chunkSize - 1) / chunkSize; len(taken) != want {
		t.Errorf("%d chunks, want %d", len(taken), want)
	}
	frames := newFrameReader(bytes.NewReader(flatten(taken)))
	for i := range count {
		if h, b, err := frames.next(); err != nil || h.id != uint64(i) || !bytes.Equal(b, payload) {
			t.Fatalf("frame %d: %+v, %q, %v", i, h, b, err)
		}
	}
	if _, _, err := frames.next(); err != io.EOF {
		t.Error(err)
	}
}

func TestQueueIsBounded(t *testing.T) {
	q := newQueue(10 << 20)
	fill := func(size int) (n int) {
		b := make([]byte, size)
		for {
			if _, ok := q.add(header{kind: kindMessage}, b); !ok {
				return n
			}
			n++
		}
	}
	if n := fill(1<<20 - headerSize); n != 10 || q.size() != 10<<20 {
		t.Errorf("%d large frames, %d bytes", n, q.size())
	}
	if n := fill(512 - headerSize); n != smallReserve/512 {
		t.Errorf("%d small frames after that", n)
	}
	// What is taken but not written counts.
	taken := q.take(nil)
	if n := fill(smallPayload); n != 0 {
		t.Errorf("%d frames while the others are being written", n)
	}
	q.wrote(len(flatten(taken)))
	if n := fill(1<<20 - headerSize); n != 10 {
		t.Errorf("%d frames after they were written", n)
	}
	q.close()
	if dropped, taken := q.lost(); dropped != 10 || taken != q.put-10<<20 {
		t.Errorf("%d frames are lost, from byte %d of %d on", dropped, taken, q.put)
	}
	if n := fill(1); n != 0 {
		t.Errorf("%d frames after the end", n)
	}
}

func TestQueueTakesOneFrameOfAnyLength(t *testing.T) {
	q := newQueue(100)
	if _, ok := q.add(header{kind: kindCall}, make([]byte, MaxPayload)); !ok {
		t.Error("an empty queue refused a frame")
	}
	if _, ok := q.add(header{kind: kindCall}, make([]byte, smallPayload)); ok {
		t.Error("a full queue took a frame")
	}
}

func TestQueueingAllocatesNothing(t *testing.T) {
	q := newQueue(1 << 20)
	payload := make([]byte, 300)
	var taken []*chunk
	per := testing.AllocsPerRun(1000, func() {
		for range 10 {
			q.add(header{kind: kindMessage}, payload)
		}
		taken = q.take(taken)
		for _, c := range taken {
			q.wrote(c.n)
			chunks.Put(c)
		}
	})
	if per >= 1 {
		t.Errorf("%v allocations for 10 frames", per)
	}
}

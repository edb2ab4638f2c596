package sim

import (
	"container/heap"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"time"
)

// schedule is what is going to happen, in order.
type schedule struct {
	now    time.Duration // since the beginning
	due    events
	serial uint64
	trace  uint64 // hash of everything that happened
	out    io.Writer
}

type event struct {
	at     time.Duration
	serial uint64 // of two at the same time the one planned first comes first
	do     func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].serial < e[j].serial
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(v any)   { *e = append(*e, v.(event)) }
func (e *events) Pop() any {
	last := len(*e) - 1
	v := (*e)[last]
	(*e)[last] = event{}
	*e = (*e)[:last]
	return v
}

// after plans something.
func (s *schedule) after(wait time.Duration, do func()) {
	s.serial++
	heap.Push(&s.due, event{s.now + max(0, wait), s.serial, do})
}

// next lets the next thing happen.
func (s *schedule) next() {
	e := heap.Pop(&s.due).(event)
	s.now = e.at
	e.do()
}

// note adds to the trace.
func (s *schedule) note(what string, numbers ...uint64) {
	sum := fnv.New64a()
	b := binary.LittleEndian.AppendUint64(nil, s.trace)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.now))
	b = append(b, what...)
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	_, _ = sum.Write(b)
	s.trace = sum.Sum64()
	if s.out != nil {
		_, _ = fmt.Fprintf(s.out, "%12v %s %x\n", s.now, what, numbers)
	}
}

func sumOf(b []byte) uint64 {
	sum := fnv.New64a()
	_, _ = sum.Write(b)
	return sum.Sum64()
}

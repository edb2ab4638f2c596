package hosts

import (
	"container/heap"
	"sync"
	"time"
)

// lateMax is how many packets can be on their way at once. More are lost.
const lateMax = 1 << 16

// late is packets that arrive later.
type late struct {
	mu     sync.Mutex
	queue  parcels
	number uint64
	wake   chan struct{} // one place
	closed chan struct{}
}

type parcel struct {
	at     time.Time
	number uint64 // breaks ties
	packet []byte
	hand   func([]byte)
}

func newLate() *late { return &late{wake: make(chan struct{}, 1), closed: make(chan struct{})} }

func (l *late) close() { close(l.closed) }

// add keeps a packet until its time.
func (l *late) add(at time.Time, packet []byte, hand func([]byte)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) >= lateMax {
		return
	}
	l.number++
	heap.Push(&l.queue, parcel{at, l.number, packet, hand})
	if l.queue[0].number == l.number {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// deliver hands out packets at their time, until close.
func (l *late) deliver() {
	for {
		p, pause := l.due()
		if p != nil {
			p.hand(p.packet)
			continue
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-l.wake:
		case <-l.closed:
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// due takes the packet whose time has come, or says how long to wait.
func (l *late) due() (*parcel, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		return nil, time.Hour
	}
	if pause := time.Until(l.queue[0].at); pause > 0 {
		return nil, pause
	}
	p := heap.Pop(&l.queue).(parcel)
	return &p, 0
}

// parcels is a heap by time.
type parcels []parcel

func (p parcels) Len() int { return len(p) }
func (p parcels) Less(i, j int) bool {
	if !p[i].at.Equal(p[j].at) {
		return p[i].at.Before(p[j].at)
	}
	return p[i].number < p[j].number
}
func (p parcels) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *parcels) Push(x any)   { *p = append(*p, x.(parcel)) }
func (p *parcels) Pop() any {
	last := len(*p) - 1
	x := (*p)[last]
	(*p)[last] = parcel{}
	*p = (*p)[:last]
	return x
}

package feed

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// Config says what a crowd is.
type Config struct {
	Addr      string // of the API
	Count     int
	Subscribe string // the request that each sends; "": none
	Query     string // of the connection, such as ?encoding=binary
	Silent    bool   // it reads nothing: slow consumers
	Receive   int    // bytes that the kernel may keep for each; 0: what it likes

	TLS *tls.Config // nil: none
}

// Crowd is so many subscribers.
type Crowd struct {
	count   int
	secured []net.Conn // under TLS, or
	sockets []int
	poll    int
	wake    [2]int // a pipe that ends the reading
	done    sync.WaitGroup
	states  []subscriber
	slots   map[int32]int32 // of each socket
	begun   atomic.Int64    // subscribers that follow their chain

	mu      sync.Mutex
	latency *hdrhistogram.Histogram // µs
	tally   Tally
}

// Tally is what a crowd has received.
type Tally struct {
	Messages uint64 // deltas and trades
	Frames   uint64
	Seconds  float64 // for whoever measures to fill in
	Bytes    uint64  // of all frames
	Gaps     uint64  // gap markers and broken chains
	Ended    uint64  // connections that the exchange ended
	P50, P99 float64
	Max      float64 // ms
}

// subscriber is how far one of the crowd is in its chain.
type subscriber struct {
	seq, time int64 // of the newest message; time in µs
	begun     bool
	rest      []byte // of a frame that is not whole
}

// Open connects a crowd and subscribes it.
func Open(ctx context.Context, cfg Config) (_ *Crowd, err error) {
	c := &Crowd{count: cfg.Count, states: make([]subscriber, cfg.Count), slots: map[int32]int32{}, latency: newHistogram()}
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	if cfg.TLS != nil {
		return c, c.openSecured(ctx, &cfg)
	}
	c.sockets = make([]int, cfg.Count)
	if c.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("making a poll: %w", err)
	}
	if err = unix.Pipe2(c.wake[:], unix.O_CLOEXEC); err != nil {
		return nil, fmt.Errorf("making a pipe: %w", err)
	}
	if err = c.watch(c.wake[0]); err != nil {
		return nil, err
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(8)
	for i := range cfg.Count {
		work.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			fd, err := dial(cfg.Addr, i, cfg.Receive, cfg.Query)
			if err != nil {
				return err
			}
			c.sockets[i] = fd
			if cfg.Subscribe != "" {
				return say(fd, cfg.Subscribe)
			}
			return nil
		})
	}
	if err = work.Wait(); err != nil || cfg.Silent {
		return c, err
	}
	for i, fd := range c.sockets {
		c.slots[int32(fd)] = int32(i)
		if err = c.watch(fd); err != nil {
			return nil, err
		}
	}
	c.done.Go(c.read)
	return c, nil
}

func (c *Crowd) watch(fd int) error {
	err := unix.EpollCtl(c.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
	if err != nil {
		return fmt.Errorf("watching a socket: %w", err)
	}
	return nil
}

// Begun waits until everybody has the beginning of its chain.
func (c *Crowd) Begun(ctx context.Context) error {
	for c.begun.Load() < int64(c.count) {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%d of %d subscribers have begun: %w", c.begun.Load(), c.count, ctx.Err())
		}
	}
	return nil
}

// Take returns what was received since the last call.
func (c *Crowd) Take() Tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tally
	ms := func(us int64) float64 { return float64(us) / 1_000 }
	t.P50, t.P99, t.Max = ms(c.latency.ValueAtQuantile(50)), ms(c.latency.ValueAtQuantile(99)), ms(c.latency.Max())
	c.tally = Tally{}
	c.latency.Reset()
	return t
}

// Settled waits until everybody is at the same place of the chain, once nothing more happens. As each message tells how far it is
// from the one before, one that was missed keeps a subscriber from getting there.
func (c *Crowd) Settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		at := c.places()
		if at == 1 {
			return nil
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("the subscribers have come to %d different places: messages were lost", at)
		}
	}
}

// places returns how many places of the chain subscribers are at.
func (c *Crowd) places() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[int64]bool{}
	for i := range c.states {
		all[c.states[i].seq] = true
	}
	return len(all)
}

// Close ends all connections.
func (c *Crowd) Close() {
	if c.wake[1] != 0 {
		_, _ = unix.Write(c.wake[1], []byte{0})
	}
	for _, conn := range c.secured {
		if conn != nil {
			conn.Close()
		}
	}
	c.done.Wait()
	for _, fd := range append([]int{c.poll, c.wake[0], c.wake[1]}, c.sockets...) {
		if fd != 0 {
			unix.Close(fd)
		}
	}
	c.sockets, c.secured = nil, nil
}

// beat is how long a crowd lets messages come in before it reads them: it is not to be woken, on the exchange's processors, by
// every single one. It counts as latency.
const beat = time.Millisecond

// readsAtOnce is how many of the sockets that have something are read before others are looked for: those that have had something for
// longest come first.
const readsAtOnce = 32

// read waits for all sockets, and works on what comes.
func (c *Crowd) read() {
	events := make([]unix.EpollEvent, readsAtOnce)
	n := 0
	buf := make([]byte, 256<<10)
	for {
		if n < readsAtOnce {
			time.Sleep(beat)
		}
		var err error
		n, err = unix.EpollWait(c.poll, events, -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return
		}
		c.mu.Lock()
		for i := range events[:n] {
			fd := int(events[i].Fd)
			if fd == c.wake[0] {
				c.mu.Unlock()
				return
			}
			c.drain(fd, &c.states[c.slots[events[i].Fd]], buf)
		}
		c.mu.Unlock()
	}
}

// drain works on what one socket has.
func (c *Crowd) drain(fd int, s *subscriber, buf []byte) {
	had := copy(buf, s.rest)
	n, e := receive(fd, buf[had:])
	if e == unix.EAGAIN || e == unix.EINTR {
		return
	}
	if e != 0 || n == 0 {
		c.tally.Ended++
		_ = unix.EpollCtl(c.poll, unix.EPOLL_CTL_DEL, fd, nil)
		return
	}
	c.took(s, buf[:had+n], n)
}

// took works on what a subscriber has: the rest from before, and n bytes that have come.
func (c *Crowd) took(s *subscriber, b []byte, n int) {
	c.tally.Bytes += uint64(n)
	now := time.Now().UnixMicro()
	for {
		payload, op, size := nextFrame(b)
		if size == 0 {
			break
		}
		c.tally.Frames++
		if op == opBinary {
			c.message(s, payload, now)
		}
		b = b[size:]
	}
	s.rest = append(s.rest[:0], b...)
}

// receive reads from a socket, rather than as from any file.
func receive(fd int, buf []byte) (int, unix.Errno) {
	n, _, e := unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)), 0, 0, 0)
	return int(n), e
}

const opBinary = 2

// nextFrame splits the first frame off, if it is whole.
func nextFrame(b []byte) (payload []byte, op byte, size int) {
	if len(b) < 2 {
		return nil, 0, 0
	}
	head, n := 2, int(b[1]&0x7f)
	switch {
	case n == 126 && len(b) >= 4:
		head, n = 4, int(binary.BigEndian.Uint16(b[2:]))
	case n == 127 && len(b) >= 10:
		head, n = 10, int(binary.BigEndian.Uint64(b[2:]))
	case n >= 126:
		return nil, 0, 0
	}
	if len(b) < head+n {
		return nil, 0, 0
	}
	return b[head : head+n], b[0] & 0x0f, head + n
}

// Kinds and flags of messages, as docs/formats/feed.md has them.
const (
	kindImage, kindDelta, kindTrades, kindGap, kindChain = 1, 2, 3, 7, 8

	flagWhole, flagEpoch = 0x40, 0x80
)

// message follows the chain of a subscriber.
func (c *Crowd) message(s *subscriber, b []byte, now int64) {
	first := b[0]
	_, b = uvarint(b[1:])
	if first&flagWhole != 0 {
		_, b = uvarint(b) // epoch
		var seq, at uint64
		seq, b = uvarint(b)
		at, _ = uvarint(b)
		switch first & 0x0f {
		case kindGap:
			c.tally.Gaps++
		case kindImage, kindChain:
			s.seq, s.time = int64(seq), int64(at)
			if !s.begun {
				s.begun = true
				c.begun.Add(1)
			}
		}
		return
	}
	if first&flagEpoch != 0 {
		_, b = uvarint(b)
	}
	step, b := uvarint(b)
	if !s.begun || step&1 != 0 || step == 0 {
		c.tally.Gaps++
	}
	s.seq += int64(step >> 1)
	at, _ := uvarint(b)
	s.time += int64(at>>1) ^ -int64(at&1)
	c.tally.Messages++
	_ = c.latency.RecordValue(min(max(now-s.time, 1), longest)) // it is within the bounds
}

const longest = int64(time.Minute / time.Microsecond)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest, 3) }

func uvarint(b []byte) (uint64, []byte) {
	v, n := binary.Uvarint(b)
	return v, b[max(n, 0):]
}

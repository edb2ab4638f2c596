package flood

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a flood is made of.
type Config struct {
	Addr    string   // of the API
	Rate    float64  // requests a second
	Conns   int      // at once, spread over the addresses and senders
	From    []net.IP // addresses that it comes from
	Senders []Sender
}

// Sender is what a connection of a flood sends again and again.
type Sender struct {
	// Request is whole and has the bytes of Mark once, which are replaced by a number that grows.
	Request []byte
}

// Mark stands where each request has a number of its own.
const Mark = "0000000000000000"

// Order returns a sender of orders of one account.
func Order(host string, market uint64, token, tag string) Sender {
	body := `{"outcome":"yes","side":"buy","price":"0.01","quantity":1,"client_order_id":"` + tag + Mark + `"}`
	return Sender{[]byte("POST /api/markets/" + strconv.FormatUint(market, 10) + "/orders HTTP/1.1\r\nHost: " + host +
		"\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)}
}

// Read returns a sender of reads of a market by nobody in particular.
func Read(host string, market uint64) Sender {
	return Sender{[]byte("GET /api/markets/" + strconv.FormatUint(market, 10) + "/orderbook HTTP/1.1\r\nHost: " + host + "\r\nX-Number: " + Mark + "\r\n\r\n")}
}

// Guess returns a sender of credentials that do not exist.
func Guess(host string) Sender {
	return Sender{[]byte("GET /api/account HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer pm_" + Mark + Mark + "AAAAAAAAAAA\r\n\r\n")}
}

// Toll is what became of a flood, in requests.
type Toll struct {
	Due      uint64 // as the rate has it
	Sent     uint64 // that a connection took
	Answered [6]uint64
	Conns    uint64 // opened
}

// Begin begins a flood, which goes on until the function that it returns is called.
func Begin(ctx context.Context, c Config) (end func() Toll) {
	ctx, cancel := context.WithCancel(ctx)
	f := &flooder{Config: c, begun: time.Now()}
	var wg sync.WaitGroup
	for i := range c.Conns {
		wg.Go(func() { f.keep(ctx, i) })
	}
	return func() Toll {
		cancel()
		wg.Wait()
		t := Toll{Due: uint64(c.Rate * time.Since(f.begun).Seconds()), Sent: f.sent.Load(), Conns: f.conns.Load()}
		for i := range t.Answered {
			t.Answered[i] = f.answered[i].Load()
		}
		return t
	}
}

type flooder struct {
	Config
	begun    time.Time
	number   atomic.Uint64
	sent     atomic.Uint64
	conns    atomic.Uint64
	answered [6]atomic.Uint64 // by the hundreds of the status
}

const (
	beat   = 100 * time.Millisecond // in which a connection sends all that is due at once: the load must not be the bottleneck
	take   = time.Millisecond       // in which a connection must take it
	full   = 500 * time.Millisecond // before a connection that took no more is tried again
	redial = 100 * time.Millisecond // before a connection that was closed is opened again
)

// keep keeps a connection open and full.
func (f *flooder) keep(ctx context.Context, i int) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: f.From[i%len(f.From)]}, Timeout: time.Second}
	s := newStream(&f.Senders[i%len(f.Senders)])
	pause(ctx, beat*time.Duration(i)/time.Duration(f.Conns)) // spread
	for ctx.Err() == nil {
		conn, err := d.DialContext(ctx, "tcp", f.Addr)
		if err == nil {
			f.conns.Add(1)
			f.pour(ctx, conn, s)
		}
		pause(ctx, redial)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// pour sends until the connection is closed or the flood ends.
func (f *flooder) pour(ctx context.Context, conn net.Conn, s *stream) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		f.drain(conn)
		conn.Close()
	}()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer func() {
		stop()
		conn.Close()
		<-closed
	}()
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	share := f.Rate / float64(f.Conns)
	begun, due := time.Now(), 0.0
	for {
		next := share * time.Since(begun).Seconds()
		n := int(next - due)
		due += float64(n)
		if n > 0 {
			_ = conn.SetWriteDeadline(time.Now().Add(take))
			switch err := s.write(conn, n, &f.number, &f.sent); {
			case errors.Is(err, os.ErrDeadlineExceeded):
				pause(ctx, full)
			case err != nil:
				return
			}
		}
		select {
		case <-ticker.C:
		case <-closed:
			return
		case <-ctx.Done():
			return
		}
	}
}

// drain counts the answers on a connection until it ends.
func (f *flooder) drain(conn net.Conn) {
	in := bufio.NewReaderSize(conn, 4<<10)
	for {
		line, err := in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
		// A body ends without a line break, and the next answer begins behind it.
		if i := bytes.LastIndex(line, []byte("HTTP/1.1 ")); i >= 0 && len(line) > i+9 {
			if d := line[i+9] - '0'; d < 6 {
				f.answered[d].Add(1)
			}
		}
	}
}

// stream writes the requests of a sender to connections, of which none ends within a request.
type stream struct {
	block []byte // several requests
	size  int    // of each
	mark  int    // place of the number in each
	rest  []byte // of a request that a connection took a part of
}

const blockRequests = 64

func newStream(s *Sender) *stream {
	return &stream{block: bytes.Repeat(s.Request, blockRequests), size: len(s.Request), mark: bytes.Index(s.Request, []byte(Mark))}
}

// write writes n requests, or fewer where the connection takes no more now: then the error is os.ErrDeadlineExceeded.
func (s *stream) write(conn io.Writer, n int, number, sent *atomic.Uint64) error {
	for n > 0 {
		if len(s.rest) == 0 {
			now := min(n, blockRequests)
			first := number.Add(uint64(now)) - uint64(now)
			for i := range now {
				putNumber(s.block[i*s.size+s.mark:], first+uint64(i))
			}
			s.rest = s.block[:now*s.size]
		}
		before := (len(s.rest) + s.size - 1) / s.size
		took, err := conn.Write(s.rest)
		s.rest = s.rest[took:]
		after := (len(s.rest) + s.size - 1) / s.size
		sent.Add(uint64(before - after))
		n -= before - after
		if err != nil {
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				s.rest = nil // the next connection begins with a whole request
			}
			return err
		}
	}
	return nil
}

// putNumber writes a number over a mark.
func putNumber(b []byte, n uint64) {
	for i := len(Mark) - 1; i >= 0; i-- {
		b[i] = '0' + byte(n%10)
		n /= 10
	}
}

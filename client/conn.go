package client

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"time"
)

// conn is one connection to the exchange. It carries one request at a time.
type conn struct {
	net.Conn
	in      *bufio.Reader
	request []byte // room for the head and body of a request, used again
	used    bool   // a request was answered on it
}

// answer is what came back.
type answer struct {
	status int
	seq    string // Hustings-Seq
	body   []byte
	last   bool // the server closes the connection after it

	retryAfter time.Duration // Retry-After, 0: none
}

const (
	readBuffer = 8 << 10
	maxAnswer  = 64 << 20 // bytes
)

func (p *pool) dial(ctx context.Context) (*conn, error) {
	d := net.Dialer{LocalAddr: p.from}
	raw, err := d.DialContext(ctx, "tcp", p.address)
	if err != nil {
		return nil, fmt.Errorf("connect to the exchange: %w", err)
	}
	if p.secure != nil {
		secured := tls.Client(raw, p.secure)
		if err := secured.HandshakeContext(ctx); err != nil {
			raw.Close()
			return nil, fmt.Errorf("secure the connection to the exchange: %w", err)
		}
		raw = secured
	}
	return &conn{Conn: raw, in: bufio.NewReaderSize(raw, readBuffer)}, nil
}

// exchange sends the request that is in cn.request and reads the answer. The context's end ends it at once.
func (cn *conn) exchange(ctx context.Context, patience time.Duration) (a answer, err error) {
	deadline := time.Now().Add(patience)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	if err := cn.SetDeadline(deadline); err != nil {
		return a, err
	}
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { _ = cn.SetDeadline(time.Unix(1, 0)) })
		defer stop()
	}
	if _, err := cn.Write(cn.request); err != nil {
		return a, fmt.Errorf("send a request: %w", err)
	}
	if a, err = cn.read(); err != nil {
		return a, fmt.Errorf("read an answer: %w", err)
	}
	return a, nil
}

var errHead = errors.New("the answer is not HTTP/1.1")

func (cn *conn) read() (a answer, err error) {
	line, err := cn.line()
	if err != nil {
		return a, err
	}
	// HTTP/1.1 200 OK
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return a, errHead
	}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return a, errHead
	}
	length, chunked := -1, false
	for {
		if line, err = cn.line(); err != nil {
			return a, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case is(name, "content-length"):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 || length > maxAnswer {
				return a, errHead
			}
		case is(name, "transfer-encoding"):
			chunked = true
		case is(name, "connection"):
			a.last = is(value, "close")
		case is(name, "hustings-seq"):
			a.seq = string(value)
		case is(name, "retry-after"):
			a.retryAfter = retryAfter(string(value), time.Now())
		}
	}
	return a, cn.body(&a, length, chunked)
}

func (cn *conn) body(a *answer, length int, chunked bool) (err error) {
	switch {
	case chunked:
		a.body, err = io.ReadAll(io.LimitReader(httputil.NewChunkedReader(cn.in), maxAnswer))
		if err == nil {
			_, err = cn.line() // after the last chunk
		}
	case length >= 0:
		a.body = make([]byte, length)
		_, err = io.ReadFull(cn.in, a.body)
	default:
		a.last = true
		a.body, err = io.ReadAll(io.LimitReader(cn.in, maxAnswer))
	}
	return err
}

// line reads one line of a head, without its end. It is valid until the next read.
func (cn *conn) line() ([]byte, error) {
	line, err := cn.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}

// is compares without regard to case. Lower is in lower case.
func is(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

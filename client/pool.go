package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hustings/hustings/api"
)

// pool is the connections to one address.
type pool struct {
	address  string      // host:port
	host     string      // as in the header Host
	secure   *tls.Config // nil: plain HTTP
	from     net.Addr    // nil: any
	patience time.Duration
	idle     chan *conn    // connections to use again
	room     chan struct{} // one for each connection that is open
}

func newPool(base string, o Options) (*pool, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("read the exchange's address: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("the exchange's address %q is not an http or https URL", base)
	}
	port := u.Port()
	if port == "" {
		port = u.Scheme
	}
	return &pool{
		address: net.JoinHostPort(u.Hostname(), port), host: u.Host, secure: secureConfig(u, o.TLS), from: o.From, patience: o.Patience,
		idle: make(chan *conn, o.MaxConns), room: make(chan struct{}, o.MaxConns),
	}, nil
}

// secureConfig is the TLS configuration for an address, nil for one of plain HTTP.
func secureConfig(u *url.URL, given *tls.Config) *tls.Config {
	if u.Scheme != "https" {
		return nil
	}
	config := &tls.Config{}
	if given != nil {
		config = given.Clone()
	}
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	if config.ServerName == "" {
		config.ServerName = u.Hostname()
	}
	return config
}

func (p *pool) close() {
	for {
		select {
		case cn := <-p.idle:
			cn.Close()
			<-p.room
		default:
			return
		}
	}
}

// once sends a request over a connection of the pool. A connection that was idle may have been closed by the server in
// the meantime: then a new one is tried at once.
func (p *pool) once(ctx context.Context, with credential, r *Request) (answer, error) {
	for {
		cn, err := p.take(ctx)
		if err != nil {
			return answer{}, err
		}
		cn.request = appendRequest(cn.request[:0], p.host, with, r)
		a, err := cn.exchange(ctx, p.patience)
		if err == nil {
			cn.used = true
			p.give(cn, !a.last)
			return a, nil
		}
		stale := cn.used && ctx.Err() == nil && !isTimeout(err)
		p.give(cn, false)
		if !stale {
			return a, err
		}
	}
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// take returns an idle connection, or opens one, or waits for one.
func (p *pool) take(ctx context.Context) (*conn, error) {
	select {
	case cn := <-p.idle:
		return cn, nil
	default:
	}
	select {
	case cn := <-p.idle:
		return cn, nil
	case p.room <- struct{}{}:
		cn, err := p.dial(ctx)
		if err != nil {
			<-p.room
		}
		return cn, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// give puts a connection back, or closes it.
func (p *pool) give(cn *conn, whole bool) {
	if !whole {
		cn.Close()
		<-p.room
		return
	}
	p.idle <- cn
}

func appendRequest(b []byte, host string, with credential, r *Request) []byte {
	b = append(append(b, r.Method...), ' ')
	b = append(append(b, r.Path...), " HTTP/1.1\r\nHost: "...)
	b = append(append(b, host...), "\r\n"...)
	if with.token != "" {
		b = append(append(append(b, "Authorization: Bearer "...), with.token...), "\r\n"...)
	}
	if with.signer != nil {
		b = appendSignature(b, with.signer, r, time.Now())
	}
	if r.Key != "" {
		b = append(append(append(b, api.HeaderKey+": "...), r.Key...), "\r\n"...)
	}
	if r.Version != 0 {
		b = strconv.AppendUint(append(b, "If-Match: \""...), uint64(r.Version), 10)
		b = append(b, "\"\r\n"...)
	}
	if len(r.Raw) > 0 {
		b = append(b, "Content-Type: application/json\r\n"...)
	}
	if r.Method != http.MethodGet {
		b = append(b, "Content-Length: "...)
		b = append(strconv.AppendInt(b, int64(len(r.Raw)), 10), "\r\n"...)
	}
	return append(append(b, "\r\n"...), r.Raw...)
}

package client

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
)

// Options say how a client behaves. The zero value has good defaults.
type Options struct {
	Token    string             // API key, session token or admin key
	Signer   ed25519.PrivateKey // signs the requests instead of a token
	TLS      *tls.Config        // of an https address; nil: authorities of this machine, no certificate of the client's
	MaxConns int                // connections open at once; default 64
	Patience time.Duration      // for one answer; default 10 s
	Tries    int                // of a request that can be sent again; default 4
	Backoff  time.Duration      // before the second try, then doubled; default 50 ms
	From     net.Addr           // local address that connections are made from; nil: any
}

// Client calls one listener of an exchange. It may be used concurrently.
type Client struct {
	*pool
	token  string
	signer ed25519.PrivateKey
}

// pool is what clients that differ in their token alone share.
type pool struct {
	address  string      // host:port
	host     string      // as in the header Host
	secure   *tls.Config // nil: plain HTTP
	patience time.Duration
	tries    int
	backoff  time.Duration
	from     net.Addr
	idle     chan *conn    // connections to use again
	room     chan struct{} // one for each connection that is open
}

// New makes a client for the listener at an address such as http://127.0.0.1:8080.
func New(base string, o Options) (*Client, error) {
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
	o = o.withDefaults()
	return &Client{token: o.Token, signer: o.Signer, pool: &pool{
		address: net.JoinHostPort(u.Hostname(), port), host: u.Host, secure: secureConfig(u, o.TLS),
		patience: o.Patience, tries: o.Tries, backoff: o.Backoff, from: o.From,
		idle: make(chan *conn, o.MaxConns), room: make(chan struct{}, o.MaxConns),
	}}, nil
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

func (o Options) withDefaults() Options {
	if o.MaxConns <= 0 {
		o.MaxConns = 64
	}
	if o.Patience <= 0 {
		o.Patience = 10 * time.Second
	}
	if o.Tries <= 0 {
		o.Tries = 4
	}
	if o.Backoff <= 0 {
		o.Backoff = 50 * time.Millisecond
	}
	return o
}

// Signing returns a client that signs its requests with a key, over the same connections.
func (c *Client) Signing(key ed25519.PrivateKey) *Client { return &Client{pool: c.pool, signer: key} }

// As returns a client that speaks with another token over the same connections.
func (c *Client) As(token string) *Client { return &Client{pool: c.pool, token: token} }

// Via returns a client that speaks with the same token over the connections of another one, such as to another node.
func (c *Client) Via(other *Client) *Client {
	return &Client{pool: other.pool, token: c.token, signer: c.signer}
}

// Token is what the client shows.
func (c *Client) Token() string { return c.token }

// Address is the host and port that the client connects to.
func (c *Client) Address() string { return c.address }

// Close closes the connections that are not in use. The client can still be used.
func (c *Client) Close() {
	for {
		select {
		case cn := <-c.idle:
			cn.Close()
			<-c.room
		default:
			return
		}
	}
}

// NewKey makes an idempotency key that nobody has used.
func NewKey() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Request is one call of the API, for what has no method of its own.
type Request struct {
	Method  string
	Path    string // with its query
	Key     string // Idempotency-Key; made up for a mutation that has none, unless InBody
	InBody  bool   // the body carries the key: send none in the header
	Version uint32 // If-Match; 0: none
	Body    any    // a shape of package api; nil: none
	Raw     []byte // instead of Body: JSON as it is
}

// Do calls the API and reads the answer into out, a pointer to a shape of package api (nil: it is dropped). What can be
// sent again is sent again after a broken connection, a 503 or, when the time has come, a 429, with the same key.
func (c *Client) Do(ctx context.Context, r Request, out any) error {
	body, err := c.Send(ctx, r)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("read the answer to %s %s: %w", r.Method, r.Path, err)
	}
	return nil
}

// Send is Do without reading the answer: it returns the body's bytes, which are the caller's.
func (c *Client) Send(ctx context.Context, r Request) ([]byte, error) {
	if r.Body != nil {
		raw, err := json.Marshal(r.Body)
		if err != nil {
			return nil, fmt.Errorf("write the request %s %s: %w", r.Method, r.Path, err)
		}
		r.Raw = raw
	}
	if r.Key == "" && !r.InBody && r.Method != http.MethodGet {
		r.Key = NewKey()
	}
	if !clean(r.Method) || !clean(r.Path) || !clean(r.Key) || !clean(c.token) {
		return nil, fmt.Errorf("the request %q %q cannot be sent: space or control characters", r.Method, r.Path)
	}
	pause := c.backoff
	for try := 1; ; try++ {
		a, err := c.once(ctx, &r)
		if err == nil {
			if a.status < 300 {
				return a.body, nil
			}
			err = refusal(a)
		}
		if try >= c.tries || ctx.Err() != nil || !worthAnother(err) || a.retryAfter > c.patience {
			return nil, err
		}
		wait := pause
		if a.status == http.StatusTooManyRequests {
			wait = max(wait, a.retryAfter)
		}
		select {
		case <-time.After(wait):
			pause *= 2
		case <-ctx.Done():
			return nil, err
		}
	}
}

// clean reports whether s can be part of a request's head.
func clean(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// worthAnother reports whether a failed try may be followed by another one with the same key.
func worthAnother(err error) bool {
	var refused *Error
	return !errors.As(err, &refused) || refused.Status == http.StatusTooManyRequests || refused.Status == 503 && refused.Seq == 0
}

func refusal(a answer) error {
	e := new(Error)
	if err := json.Unmarshal(a.body, &e.Problem); err != nil || e.Code == "" {
		e.Problem = api.Problem{Status: a.status, Code: "http_" + strconv.Itoa(a.status), Detail: "The answer is not one of this API."}
	}
	return e
}

// once sends a request over a connection of the pool. A connection that was idle may have been closed by the server in
// the meantime: then a new one is tried at once.
func (c *Client) once(ctx context.Context, r *Request) (answer, error) {
	for {
		cn, err := c.take(ctx)
		if err != nil {
			return answer{}, err
		}
		cn.request = c.appendRequest(cn.request[:0], r)
		a, err := cn.exchange(ctx, c.patience)
		if err == nil {
			cn.used = true
			c.give(cn, !a.last)
			return a, nil
		}
		stale := cn.used && ctx.Err() == nil && !isTimeout(err)
		c.give(cn, false)
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
func (c *Client) take(ctx context.Context) (*conn, error) {
	select {
	case cn := <-c.idle:
		return cn, nil
	default:
	}
	select {
	case cn := <-c.idle:
		return cn, nil
	case c.room <- struct{}{}:
		cn, err := c.dial(ctx)
		if err != nil {
			<-c.room
		}
		return cn, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// give puts a connection back, or closes it.
func (c *Client) give(cn *conn, whole bool) {
	if !whole {
		cn.Close()
		<-c.room
		return
	}
	c.idle <- cn
}

func (c *Client) appendRequest(b []byte, r *Request) []byte {
	b = append(append(b, r.Method...), ' ')
	b = append(append(b, r.Path...), " HTTP/1.1\r\nHost: "...)
	b = append(append(b, c.host...), "\r\n"...)
	if c.token != "" {
		b = append(append(append(b, "Authorization: Bearer "...), c.token...), "\r\n"...)
	}
	if c.signer != nil {
		b = appendSignature(b, c.signer, r, time.Now())
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

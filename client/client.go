package client

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
)

// Options say how a client behaves. The zero value has good defaults.
type Options struct {
	Token    string             // API key, session token or admin key
	Signer   ed25519.PrivateKey // signs the requests instead of a token
	Others   []string           // further addresses of the same exchange, such as of its other nodes, asked when one fails
	TLS      *tls.Config        // of an https address; nil: authorities of this machine, no certificate of the client's
	MaxConns int                // connections to one address that are open at once; default 64
	Patience time.Duration      // for one answer; default 10 s
	Tries    int                // of a request that can be sent again; default 4, and at least 2 for each address
	Backoff  time.Duration      // before the second try, then doubled, less up to a half of it at random; default 50 ms
	PauseMax time.Duration      // longest pause before another try; whoever is asked to wait longer gets the refusal; default 5 s
	From     net.Addr           // local address that connections are made from; nil: any
}

func (o Options) withDefaults() Options {
	orElse(&o.MaxConns, 64)
	orElse(&o.Patience, 10*time.Second)
	orElse(&o.Tries, max(4, 2*(1+len(o.Others))))
	orElse(&o.Backoff, 50*time.Millisecond)
	orElse(&o.PauseMax, 5*time.Second)
	return o
}

func orElse[T int | time.Duration](v *T, other T) {
	if *v <= 0 {
		*v = other
	}
}

// Client calls one kind of listener of an exchange, the public or the operator's. It may be used concurrently.
type Client struct {
	*exchange
	credential
	fresh bool
}

// credential is with what requests are made: a token, a key that signs them, or nothing.
type credential struct {
	token  string
	signer ed25519.PrivateKey
}

// exchange is what clients that differ in their credential alone share.
type exchange struct {
	options Options
	pools   []*pool
	current atomic.Uint32 // modulo their number: the pool that is asked first
}

// New makes a client for the listener at an address such as http://127.0.0.1:8080.
func New(base string, o Options) (*Client, error) {
	o = o.withDefaults()
	x := &exchange{options: o}
	for _, address := range append([]string{base}, o.Others...) {
		p, err := newPool(address, o)
		if err != nil {
			return nil, err
		}
		x.pools = append(x.pools, p)
	}
	return &Client{exchange: x, credential: credential{o.Token, o.Signer}}, nil
}

// As returns a client that speaks with another token over the same connections.
func (c *Client) As(token string) *Client {
	return &Client{c.exchange, credential{token: token}, c.fresh}
}

// Signing returns a client that signs its requests with a key, over the same connections.
func (c *Client) Signing(key ed25519.PrivateKey) *Client {
	return &Client{c.exchange, credential{signer: key}, c.fresh}
}

// Via returns a client that speaks with the same credential over the connections of another one, such as to another node.
func (c *Client) Via(other *Client) *Client { return &Client{other.exchange, c.credential, c.fresh} }

// Token is what the client shows.
func (c *Client) Token() string { return c.token }

// Fresh returns a client whose reads see everything that was acknowledged before them, by whichever node. They cost the
// exchange more than others.
func (c *Client) Fresh() *Client { return &Client{c.exchange, c.credential, true} }

// Address is the host and port that the client asks now.
func (c *Client) Address() string { return c.pool(c.current.Load()).address }

func (x *exchange) pool(at uint32) *pool { return x.pools[int(at)%len(x.pools)] }

// Close closes the connections that are not in use. The client can still be used.
func (c *Client) Close() {
	for _, p := range c.pools {
		p.close()
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
// sent again is sent again after a broken connection, a 429 or a 5xx, with the same key.
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
	return c.persist(ctx, &r)
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

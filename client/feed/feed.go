package feed

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// Options say how a Feed or a Trader behaves. The zero value has good defaults.
type Options struct {
	Token    string        // API key or session token; needed for what concerns an account
	Others   []string      // further addresses of the same exchange, asked when one fails
	TLS      *tls.Config   // of an https address; nil: authorities of this machine, no certificate of the client's
	JSON     bool          // have market data sent as JSON rather than in the binary form, which is much smaller
	Patience time.Duration // how long nothing may come before the connection counts as lost; default 75 s
	Backoff  time.Duration // before the second try, then doubled up to 10 s, less up to a half at random; default 100 ms
	Tries    int           // of a request of a Trader; default 4, and at least 2 for each address
}

// Feed is a connection to the feed that is made again when it is lost. It is for one goroutine at a time.
type Feed struct {
	options Options
	bases   []*url.URL
	at      int // of bases: the one to connect to
	tries   int // in a row that failed

	conn   *conn // nil: not connected
	wanted []*wish
	last   int                     // id of a wish
	places map[chain]message.Point // of the newest message of each chain
	own    exchange.Seq            // the greatest of what concerned the account
	books  map[exchange.MarketID]*message.Books
}

// wish is a subscription that is asked for on every connection, until it is refused.
type wish struct {
	Subscription
	id    int
	open  bool // it is not answered on this connection yet
	begun bool // it was granted once
}

// chain is one channel of one market.
type chain struct {
	market  exchange.MarketID
	channel message.Channel
}

// Subscription says what to listen to.
type Subscription struct {
	Channels []message.Channel // of markets
	Markets  []api.ID          // or
	All      bool              // all markets in which something may still happen, and those that are opened later
	Account  bool              // orders, fills and balances of whoever the token is of
	// MinSeq is the seq of an answer, such as that to the creation of the market. The node waits until it has seen what was answered.
	MinSeq api.ID
	// Conflate is how often a channel of a market has a message at most: 0 (every one), or 50, 100, 250 or 500 ms, or 1, 2 or
	// 5 s.
	Conflate time.Duration
}

// Message is one of the types of package feed/message, by pointer (*message.Image, *message.Delta, *message.Trades,
// *message.Tickers, *message.State, *message.Gap, and *message.Account, *message.Order, *message.Fill and *message.Balance), or an
// *Interrupted.
type Message any

// Interrupted says that the connection was lost. The next call of Next connects again.
type Interrupted struct{ Err error }

// New makes a feed from the API at an address such as http://127.0.0.1:8080. It connects when it is first asked for a message.
func New(base string, o Options) (*Feed, error) {
	bases, err := o.complete(base)
	if err != nil {
		return nil, err
	}
	return &Feed{options: o, bases: bases, places: map[chain]message.Point{}, books: map[exchange.MarketID]*message.Books{}}, nil
}

// complete fills defaults in, and returns where to connect to.
func (o *Options) complete(base string) (bases []*url.URL, err error) {
	if o.Patience <= 0 {
		o.Patience = 75 * time.Second
	}
	if o.Backoff <= 0 {
		o.Backoff = 100 * time.Millisecond
	}
	if o.Tries <= 0 {
		o.Tries = max(4, 2*(1+len(o.Others)))
	}
	for _, address := range append([]string{base}, o.Others...) {
		u, err := url.Parse(address)
		if err != nil {
			return nil, fmt.Errorf("read the exchange's address: %w", err)
		}
		switch u.Scheme {
		case "http":
			u.Scheme = "ws"
		case "https":
			u.Scheme = "wss"
		default:
			return nil, fmt.Errorf("the exchange's address %q is not an http or https URL", address)
		}
		u.Path = "/ws"
		bases = append(bases, u)
	}
	return bases, nil
}

// pause returns how long to wait before another try, after so many that failed. It is shorter by up to a half at random, so that
// clients that failed together do not come back together.
func (o *Options) pause(failed int) time.Duration {
	const most = 10 * time.Second
	pause := min(o.Backoff<<min(failed, 16), most)
	return pause - rand.N(pause/2+1)
}

// passes reports whether a refusal is one that another try of the same, or another node, may not meet.
func passes(refused *client.Error) bool {
	return refused.Status >= 500 || refused.Status == http.StatusTooManyRequests
}

// Subscribe adds to what is listened to. A refusal comes from Next, and what was refused is not asked for again.
func (f *Feed) Subscribe(s Subscription) error {
	f.last++
	w := &wish{Subscription: s, id: f.last}
	f.wanted = append(f.wanted, w)
	if f.conn == nil {
		return nil
	}
	w.open = true
	return f.conn.subscribe(w, w.request())
}

// Book returns the books of a market that is listened to, nil before its first image. They are as of the newest message, belong to
// the feed, and change with the next one.
func (f *Feed) Book(market api.ID) *message.Books { return f.books[exchange.MarketID(market)] }

// Close ends the connection. Asked for another message, the feed connects again.
func (f *Feed) Close() {
	if f.conn != nil {
		f.conn.Close()
		f.conn = nil
	}
}

// Next returns the next message. It waits for one, and for a connection, as long as it takes; ctx ends that, and the connection.
// A refusal of the exchange is a *client.Error.
func (f *Feed) Next(ctx context.Context) (Message, error) {
	for {
		if f.conn == nil {
			if err := f.connect(ctx); err != nil {
				return nil, err
			}
		}
		m, err := f.conn.receive(ctx)
		switch heard := m.(type) {
		case nil:
		case *reply:
			var refused *client.Error
			if refused, err = f.answered(heard); refused != nil {
				return nil, refused
			}
		default:
			if m, err = f.take(m); err == nil && m != nil {
				return m, nil
			}
		}
		if err != nil {
			f.lose()
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return &Interrupted{err}, nil
		}
	}
}

// answered takes in what the exchange says to a subscription: a refusal that is the caller's, or an error after which another
// node may be of more use.
func (f *Feed) answered(a *reply) (refused *client.Error, err error) {
	i := slices.IndexFunc(f.wanted, func(w *wish) bool { return w.id == a.ID })
	switch {
	case a.Type == "error":
		refused = &client.Error{Problem: a.Problem}
		if i < 0 {
			return refused, nil
		}
		if passes(refused) || f.wanted[i].passes(refused) {
			return nil, refused
		}
		f.wanted = slices.Delete(f.wanted, i, i+1)
	case i >= 0:
		f.wanted[i].open, f.wanted[i].begun = false, true
	}
	if f.granted() {
		f.tries = 0
	}
	return refused, nil
}

// passes reports whether a subscription may be granted later: a node that is behind does not know a market that another one has shown
// already.
func (w *wish) passes(refused *client.Error) bool {
	moving, notFound := exchange.RejectMarketMoving.String(), exchange.RejectMarketNotFound.String()
	return refused.Code == moving || w.begun && refused.Code == notFound
}

// granted reports whether the exchange has answered all that was asked on this connection.
func (f *Feed) granted() bool {
	return !slices.ContainsFunc(f.wanted, func(w *wish) bool { return w.open })
}

// lose gives a connection up. One that was of no use counts as a try that failed.
func (f *Feed) lose() {
	f.Close()
	if !f.granted() {
		f.fail()
	}
}

func (f *Feed) fail() {
	f.tries++
	f.at = (f.at + 1) % len(f.bases)
}

// connect connects and subscribes, however often it has to try.
func (f *Feed) connect(ctx context.Context) error {
	for {
		if f.tries > 0 && f.tries%len(f.bases) == 0 {
			select {
			case <-time.After(f.options.pause(f.tries/len(f.bases) - 1)):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		c, err := dial(ctx, f.bases[f.at], &f.options)
		for _, w := range f.wanted {
			if err == nil {
				w.open = true
				err = c.subscribe(w, f.resume(w))
			}
		}
		if err == nil {
			if f.conn = c; f.granted() {
				f.tries = 0
			}
			return nil
		}
		if c != nil {
			c.Close()
		}
		var refused *client.Error
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &refused) && !passes(refused):
			return err
		}
		f.fail()
	}
}

package feed

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// Options say how a feed behaves. The zero value has good defaults.
type Options struct {
	Token    string        // API key or session token; needed for what concerns an account
	Others   []string      // further addresses of the same exchange, asked when one fails
	JSON     bool          // have market data sent as JSON rather than in the binary form, which is much smaller
	Patience time.Duration // how long nothing may come before the connection counts as lost; default 75 s
	Backoff  time.Duration // before the second try to connect, then doubled up to 10 s, less up to a half at random; default 100 ms
}

// Feed is a connection to the feed that is made again when it is lost. It is for one goroutine at a time.
type Feed struct {
	options Options
	bases   []*url.URL
	at      int // of bases: the one to connect to
	tries   int // in a row that failed

	conn   *conn // nil: not connected
	wanted []Subscription
	places map[chain]message.Point // of the newest message of each chain
	books  map[exchange.MarketID]*message.Books
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
	if o.Patience <= 0 {
		o.Patience = 75 * time.Second
	}
	if o.Backoff <= 0 {
		o.Backoff = 100 * time.Millisecond
	}
	f := &Feed{options: o, places: map[chain]message.Point{}, books: map[exchange.MarketID]*message.Books{}}
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
		f.bases = append(f.bases, u)
	}
	return f, nil
}

// Subscribe adds to what is listened to. A refusal comes from Next.
func (f *Feed) Subscribe(s Subscription) error {
	f.wanted = append(f.wanted, s)
	if f.conn == nil {
		return nil
	}
	return f.conn.subscribe(&s, nil)
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
		var refused *client.Error
		switch {
		case errors.As(err, &refused):
			return nil, err
		case err == nil && m != nil:
			if m, err = f.take(m); err == nil && m != nil {
				return m, nil
			}
		}
		if err != nil {
			f.Close()
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return &Interrupted{err}, nil
		}
	}
}

// connect connects and subscribes, however often it has to try.
func (f *Feed) connect(ctx context.Context) error {
	const most = 10 * time.Second
	for {
		if f.tries > 0 && f.tries%len(f.bases) == 0 {
			round := f.tries/len(f.bases) - 1
			pause := min(f.options.Backoff<<min(round, 16), most)
			select {
			case <-time.After(pause - rand.N(pause/2+1)):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		c, err := dial(ctx, f.bases[f.at], &f.options)
		for i := range f.wanted {
			if err == nil {
				err = c.subscribe(&f.wanted[i], f.places)
			}
		}
		if err == nil {
			f.conn, f.tries = c, 0
			return nil
		}
		if c != nil {
			c.Close()
		}
		var refused *client.Error
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &refused) && refused.Status < 500 && refused.Status != 429:
			return err
		}
		f.tries++
		f.at = (f.at + 1) % len(f.bases)
	}
}

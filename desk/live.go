package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client/feed"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// listen connects to the feed. The caller closes it.
func (d *desk) listen(token string, s feed.Subscription) (*feed.Feed, error) {
	f, err := feed.New(d.addresses[0], feed.Options{Token: token, Others: d.addresses[1:]})
	if err != nil {
		return nil, err
	}
	return f, f.Subscribe(s)
}

// hear passes messages on until the context ends, which is no error. That the connection was lost is noted.
func (d *desk) hear(ctx context.Context, f *feed.Feed, take func(feed.Message) error) error {
	defer f.Close()
	for {
		m, err := f.Next(ctx)
		if errors.Is(err, context.Canceled) {
			return nil
		}
		if err != nil {
			return err
		}
		if lost, is := m.(*feed.Interrupted); is {
			fmt.Fprintf(d.notes, "The connection was lost, and is made again: %v\n", lost.Err)
			continue
		}
		if err := take(m); err != nil {
			return err
		}
	}
}

// redraw is how often a live book is drawn at most.
const redraw = 100 * time.Millisecond

// follow draws a market's books again and again, as they change. On a terminal they stay where they are.
func (d *desk) follow(ctx context.Context, m *api.MarketInfo, only string, depth int) error {
	f, err := d.listen("", feed.Subscription{
		Channels: []message.Channel{message.Book, message.Status}, Markets: []api.ID{m.Market}, MinSeq: m.Seq, Conflate: redraw})
	if err != nil {
		return err
	}
	const clear = "\x1b[H\x1b[2J"
	return d.hear(ctx, f, func(heard feed.Message) error {
		var seq exchange.Seq
		switch heard := heard.(type) {
		case *message.State:
			m.Status = heard.State.String()
			return nil
		case *message.Image:
			seq = heard.Seq
		case *message.Delta:
			seq = heard.Seq
		default:
			return nil
		}
		book := orderBook(m, f.Book(m.Market), only, depth)
		book.Seq = api.ID(seq)
		if d.asJSON {
			return d.line(book)
		}
		if d.screen.width > 0 {
			fmt.Fprint(d.screen, clear)
		}
		_, err := fmt.Fprintln(d.screen, d.drawBooks(m, &book))
		return err
	})
}

// line prints an answer as one line of JSON.
func (d *desk) line(answer any) error {
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(d.screen, string(text))
	return err
}

// orderBook gives the books of the feed the shape of the API's: of a binary market that of Yes or, mirrored, of No.
func orderBook(m *api.MarketInfo, books *message.Books, only string, depth int) api.OrderBook {
	all := api.OrderBook{Market: m.Market, Books: []api.Book{}}
	for i := range books.Len() {
		book := exchange.Outcome(i)
		b := api.Book{Outcome: m.Outcomes[i].Outcome, Bids: shaped(books.Levels(book, exchange.Buy), false), Asks: shaped(books.Levels(book, exchange.Sell), false)}
		if m.Kind == api.Binary && only == api.No {
			b = api.Book{Outcome: api.No, Bids: shaped(books.Levels(book, exchange.Sell), true), Asks: shaped(books.Levels(book, exchange.Buy), true)}
		}
		if only == "" || b.Outcome == only {
			b.Bids, b.Asks = b.Bids[:min(depth, len(b.Bids))], b.Asks[:min(depth, len(b.Asks))]
			all.Books = append(all.Books, b)
		}
	}
	return all
}

// shaped gives levels the shape of the API's, mirrored for the opposite contract.
func shaped(levels []message.Level, mirrored bool) []api.Level {
	out := make([]api.Level, 0, len(levels))
	for _, l := range levels {
		p := api.Price(l.Price)
		if mirrored {
			p = whole - p
		}
		out = append(out, api.Level{Price: p, Quantity: l.Quantity})
	}
	return slices.Clip(out)
}

package feed

import (
	"errors"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// Whatever an exchange sends, what is passed on continues what came before, and nothing is passed on twice.
func TestTake(t *testing.T) {
	at := func(seq exchange.Seq) message.Head { return message.Head{Market: 7, Point: message.Point{Seq: seq}} }
	link := func(seq, prev exchange.Seq) message.Link {
		return message.Link{Head: at(seq), Prev: message.Point{Seq: prev}}
	}
	levels := func(quantity uint64) *message.Books {
		b := message.NewBooks(1)
		b.Fill(0, exchange.Buy, []message.Level{{Price: 6_200, Quantity: quantity}})
		return b
	}
	image := func(seq exchange.Seq, quantity uint64) *message.Image {
		b := levels(quantity)
		return &message.Image{Head: at(seq), Checksum: b.Checksum(), Books: []message.Levels{{Outcome: "yes", Bids: b.Levels(0, exchange.Buy)}}}
	}
	delta := func(seq, prev exchange.Seq, quantity uint64) *message.Delta {
		return &message.Delta{Link: link(seq, prev), Checksum: levels(quantity).Checksum(), Changes: []message.Change{{Side: exchange.Buy, Price: 6_200, Quantity: quantity}}}
	}
	wrong := delta(46, 44, 3)
	wrong.Checksum++
	elsewhere := delta(46, 44, 3)
	elsewhere.Changes[0].Book = 1 // of which the exchange has a sum
	trades := func(seq, prev exchange.Seq) *message.Trades { return &message.Trades{Link: link(seq, prev)} }
	chain := func(seq exchange.Seq) *message.Chain { return &message.Chain{Head: at(seq), Channel: message.Trade} }
	for _, test := range []struct {
		name   string
		before []Message
		m      Message
		passed bool
		err    error
	}{
		{"an image begins", nil, image(40, 5), true, nil},
		{"a delta goes on", []Message{image(40, 5)}, delta(44, 40, 7), true, nil},
		{"a delta from before the image", []Message{image(40, 5)}, delta(40, 38, 5), false, nil},
		{"a delta twice", []Message{image(40, 5), delta(44, 40, 7)}, delta(44, 40, 7), false, nil},
		{"a delta whose prev has been passed", []Message{image(40, 5)}, delta(44, 38, 7), true, nil},
		{"a delta is missing", []Message{image(40, 5)}, delta(46, 44, 7), false, errMissing},
		{"a delta without an image", nil, delta(44, 40, 7), false, errMissing},
		{"an image anew", []Message{image(40, 5)}, image(50, 9), true, nil},
		{"a wrong checksum", []Message{image(40, 5), delta(44, 40, 7)}, wrong, false, errChecksum},
		{"a book that is not there", []Message{image(40, 5), delta(44, 40, 7)}, elsewhere, false, errChecksum},
		{"a chain begins", nil, chain(40), false, nil},
		{"trades go on", []Message{chain(40)}, trades(44, 40), true, nil},
		{"trades twice", []Message{chain(40), trades(44, 40)}, trades(44, 40), false, nil},
		{"trades are missing", []Message{chain(40)}, trades(46, 44), false, errMissing},
		{"trades of a chain that has not begun", nil, trades(44, 40), false, errMissing},
		{"a chain goes on beyond what came: a gap", []Message{chain(40)}, chain(60), true, nil},
		{"a chain goes on where it was", []Message{chain(40), trades(44, 40)}, chain(44), false, nil},
		{"a ticker begins", nil, &message.Tickers{Link: link(40, 40)}, true, nil},
		{"a status is missing", []Message{&message.State{Link: link(40, 40)}}, &message.State{Link: link(60, 50)}, false, errMissing},
		{"a heartbeat", []Message{image(40, 5)}, &message.Heartbeat{Head: at(40), Channel: message.Book}, false, nil},
		{"a heartbeat beyond what came", []Message{image(40, 5)}, &message.Heartbeat{Head: at(44), Channel: message.Book}, false, errMissing},
		{"what concerns an account", nil, &message.Balance{}, true, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := New("http://x", Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range test.before {
				if _, err := f.take(m); err != nil {
					t.Fatal(err)
				}
			}
			m, err := f.take(test.m)
			if !errors.Is(err, test.err) || err == nil && (m != nil) != test.passed {
				t.Errorf("%+v, %v", m, err)
			}
			if errors.Is(err, errChecksum) && f.Book(7) != nil {
				t.Error("a book that is wrong is kept")
			}
		})
	}
}
